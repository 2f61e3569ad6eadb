// Owns the proof that docs/security.md tells of all unsafe code that ships: the files it names are those that have some.
import { expect, test } from 'vitest';
import { files } from './files.js';

const CODE =
  /^(guest-rust|packages\/host\/native|packages\/bindgen\/wit)\/.*\/src\/.*\.rs$|^packages\/bindgen\/wit\/src\/.*\.rs$/;

/** Without comments, in which the word may stand. */
const hasUnsafe = (text: string): boolean => /\bunsafe\b/.test(text.replace(/\/\/.*$/gm, ''));

test('the table of unsafe code names the files that have some, and no other', () => {
  const page = files(/^docs\/security\.md$/)[0]!.text;
  const section = page.slice(page.indexOf('\n## Unsafe code'), page.indexOf('\n## Dependencies'));
  const told = [...section.matchAll(/\]\(\.\.\/([^)]+\.rs)\)/g)].map(([, path]) => path!);
  const found = files(CODE)
    .filter(({ path, text }) => !/(^|\/)tests?(\/|\.rs$)/.test(path) && hasUnsafe(text))
    .map(({ path }) => path);
  expect(found.length).toBeGreaterThan(30);
  expect(told.sort()).toEqual(found.sort());
});
