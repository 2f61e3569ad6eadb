// Owns what a rendered page looks like on disk: where it lies, and the document around the plug-in's HTML.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { siteRoot } from './pages.js';

/** From the site's root; git ignores it. */
export const OUTPUT_FOLDER = 'out';

/** `docs/README.md` becomes `out/docs/README.html`. */
export function outputPath(page: string): string {
  return posix.join(OUTPUT_FOLDER, page.replace(/\.md$/, '.html'));
}

export function writePage(page: string, html: string): void {
  const file = join(siteRoot, outputPath(page));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, documentOf(page, html));
}

/** The VM confined the plug-in; the policy confines what it wrote: a browser runs none of its scripts. */
const POLICY = "default-src 'none'; img-src 'self' https:";

function documentOf(page: string, html: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page)}</title>
</head>
<body>
${html}</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
