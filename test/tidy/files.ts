// Owns what the tidy tests look at: the files of this repository as git sees them, ignored ones left out.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
}

const BINARY = /\.(wasm|png|hlsnap|gz|br)$/;

const all: SourceFile[] = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8', maxBuffer: 16 << 20 },
)
  .split('\0')
  .filter((path) => path !== '' && !BINARY.test(path))
  .filter((path) => existsSync(join(root, path)) && lstatSync(join(root, path)).isFile())
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** The files whose path matches, in git's order. */
export function files(pattern: RegExp): SourceFile[] {
  return all.filter(({ path }) => pattern.test(path));
}

/** What people wrote: no lock files, no licence, no generated code. */
export function written(pattern: RegExp): SourceFile[] {
  return files(pattern).filter(
    ({ path }) => !/(^|\/)(pnpm-lock\.yaml|Cargo\.lock|LICENSE)$/.test(path) && !isGenerated(path),
  );
}

export function isGenerated(path: string): boolean {
  return /(^|\/)(gen|golden|goldens)\//.test(path);
}

/** What a TypeScript or JavaScript file imports, requires or re-exports. */
export function importsOf({ text }: SourceFile): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*['"]([^'"\n]+)['"]/g);
  return [...found].map((match) => match[1] as string);
}
