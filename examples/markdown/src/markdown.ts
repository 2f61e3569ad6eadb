// Owns how Markdown becomes HTML: markdown-it, anchors for headings, links that lead somewhere.
// The plug-in runs it in the VM, the test in Node: it knows neither.
import MarkdownIt, { type StateCore, type Token } from 'markdown-it';

export interface DeadLink {
  href: string;
  line: number;
}

/** Where a link leads, or undefined if it leads nowhere. */
export type Resolve = (page: string, href: string) => string | undefined;

export type Rendered = { ok: true; html: string } | { ok: false; deadLinks: DeadLink[] };

/** What the rules below see of the page that is being rendered; markdown-it hands it on as it is. */
interface Page {
  path: string;
  deadLinks: DeadLink[];
}

export function createRenderer(resolve: Resolve): (path: string, markdown: string) => Rendered {
  const markdownIt = new MarkdownIt({ linkify: true, typographer: true });
  markdownIt.core.ruler.push('heading-anchors', anchorHeadings);
  markdownIt.core.ruler.push('site-links', (state) => resolveLinks(state, resolve));
  return (path, markdown) => {
    const page: Page = { path, deadLinks: [] };
    const html = markdownIt.render(markdown, { page });
    return page.deadLinks.length === 0 ? { ok: true, html } : { ok: false, deadLinks: page.deadLinks };
  };
}

function anchorHeadings({ tokens }: StateCore): void {
  const taken = new Map<string, number>();
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return;
    const slug = slugOf(tokens[index + 1]?.content ?? '');
    const count = taken.get(slug) ?? 0;
    taken.set(slug, count + 1);
    token.attrSet('id', count === 0 ? slug : `${slug}-${count}`);
  });
}

/** `Limits and "cancel"` as `limits-and-cancel`, the way that code hosts link to headings. */
function slugOf(heading: string): string {
  const kept = heading.toLowerCase().replace(/[^\p{Letter}\p{Number}\s_-]/gu, '');
  return kept.trim().replace(/\s/gu, '-');
}

function resolveLinks({ tokens, env }: StateCore, resolve: Resolve): void {
  const page = env['page'] as Page;
  for (const { type, children, map } of tokens) {
    if (type !== 'inline' || children === null) continue;
    let line = (map?.[0] ?? 0) + 1;
    for (const token of children) {
      if (token.type === 'softbreak' || token.type === 'hardbreak') line += 1;
      const attribute = linkAttribute(token);
      if (attribute === undefined) continue;
      const href = String(token.attrGet(attribute) ?? '');
      if (href === '' || !isRelative(href)) continue;
      const target = resolve(page.path, href);
      if (target === undefined) page.deadLinks.push({ href, line });
      else token.attrSet(attribute, target);
    }
  }
}

function linkAttribute({ type }: Token): 'href' | 'src' | undefined {
  if (type === 'link_open') return 'href';
  return type === 'image' ? 'src' : undefined;
}

/** Not to another site, and not to a place on the same page. */
function isRelative(href: string): boolean {
  return !/^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(href);
}
