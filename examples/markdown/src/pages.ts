// Owns which files of the repository are pages of the site.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Page {
  /** From the site's root, with forward slashes. */
  path: string;
  markdown: string;
}

/** Holds from `src` and from `dist` alike. */
export const siteRoot = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

/** Long enough to show what a VM does with a large page. */
export const LARGE_PAGE = 'examples/markdown/pages/handbook.md';

/** The project's README and documentation, each package's README, and the large page. */
export function findPages(): Page[] {
  const paths = ['README.md', ...documents('docs'), ...packageReadmes(), LARGE_PAGE];
  return paths.map((path) => ({ path, markdown: readFileSync(join(siteRoot, path), 'utf8') }));
}

function documents(folder: string): string[] {
  const files = readdirSync(join(siteRoot, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`)
    .sort();
}

function packageReadmes(): string[] {
  const names = readdirSync(join(siteRoot, 'packages')).sort();
  return names.flatMap((name) =>
    readdirSync(join(siteRoot, 'packages', name)).includes('README.md') ? [`packages/${name}/README.md`] : [],
  );
}
