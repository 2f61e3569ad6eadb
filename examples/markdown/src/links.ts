// Owns the host function of the world: where a link on a page leads once the site is in its output folder.
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { outputPath } from './output.js';
import { siteRoot } from './pages.js';

/**
 * A page leads to its HTML, any other file of the repository to that file. The arguments come from the guest:
 * what would lead out of the repository is no link, so that a plug-in cannot ask what else is on this machine.
 */
export function createResolver(
  pages: ReadonlySet<string>,
): (page: string, href: string) => string | undefined {
  return (page, href) => {
    const [path = '', fragment] = decode(href).split('#');
    const target = posix.join(posix.dirname(page), path);
    if (leavesSite(target)) return undefined;
    const suffix = fragment === undefined ? '' : `#${encodeURI(fragment)}`;
    if (pages.has(target)) return relativeTo(page, outputPath(target)) + suffix;
    return existsSync(join(siteRoot, target)) ? relativeTo(page, target) + suffix : undefined;
  };
}

function leavesSite(path: string): boolean {
  return path === '..' || path.startsWith('../') || posix.isAbsolute(path) || path.includes('\0');
}

/** From the page's place in the output folder. */
function relativeTo(page: string, target: string): string {
  return encodeURI(posix.relative(posix.dirname(outputPath(page)), target)) || '.';
}

function decode(href: string): string {
  try {
    return decodeURI(href);
  } catch {
    return href;
  }
}
