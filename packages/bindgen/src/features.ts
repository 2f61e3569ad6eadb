// Owns refusing the name of a feature that no item of the WIT is marked with: it is a slip of the pen, or out of date.
import { BindgenError } from './errors.js';
import type { WitFile } from './folder.js';
import type { Features } from './parser.js';

const MARKED = /@unstable\(\s*feature\s*=\s*%?([\w-]+)/g;

/** `files` is undefined for a built component, of which nothing can be left out. */
export function refuseUnknown(
  features: Features | undefined,
  files: readonly WitFile[] | undefined,
  source: string,
): void {
  if (features === undefined || features === 'all') return;
  const known = [...new Set((files ?? []).flatMap(([, text]) => featuresIn(text)))].sort();
  const unknown = features.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const there =
    files === undefined
      ? 'a component is as it was built, leave the option out'
      : known.length === 0
        ? 'nothing in it is marked @unstable(feature = NAME)'
        : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
  throw new BindgenError(`${source}: there is no feature ${unknown.join(', ')}; ${there} (--features)`);
}

const featuresIn = (text: string): string[] => [...text.matchAll(MARKED)].map(([, name]) => name as string);
