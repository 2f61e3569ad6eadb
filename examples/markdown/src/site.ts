// Owns the sandbox that renders the site, and what each page cost.
import { type CallTotals, Sandbox, WitError } from '@hl/host';
import { type DeadLink, type SiteExports, site } from './gen/site.js';
import { createResolver } from './links.js';
import type { Page } from './pages.js';

export type SiteSandbox = Sandbox<SiteExports>;

export interface RenderedPage {
  path: string;
  bytesIn: number;
  bytesOut: number;
  html: string;
  cost: CallTotals;
}

/** `name` is a component beside this program. */
export const builtComponent = (name: string): URL => new URL(`../dist/${name}`, import.meta.url);

export function createSite(
  pages: readonly Page[],
  component = builtComponent('plugin.wasm'),
): Promise<SiteSandbox> {
  const resolveLink = createResolver(new Set(pages.map(({ path }) => path)));
  return Sandbox.create({ world: site, component, imports: { 'hl:markdown/links': { resolveLink } } });
}

/** Throws what a reader of the page would want to know: which links lead nowhere. */
export async function renderPage(sandbox: SiteSandbox, { path, markdown }: Page): Promise<RenderedPage> {
  const html = await sandbox.exports.renderer.render(path, markdown).catch((error: unknown) => {
    throw error instanceof WitError ? deadLinks(path, error.payload as DeadLink[]) : error;
  });
  const cost = sandbox.stats.lastCall;
  if (cost === undefined) throw new Error('a call returned, but the sandbox has not counted it');
  return { path, bytesIn: Buffer.byteLength(markdown), bytesOut: Buffer.byteLength(html), html, cost };
}

function deadLinks(path: string, links: readonly DeadLink[]): Error {
  return new Error(
    links.map(({ href, line }) => `${path}:${line} links to ${href}, which leads nowhere`).join('\n'),
  );
}
