// Owns which components there are of the world, and how each says that it failed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

export interface Language {
  name: string;
  component(): Uint8Array;
}

const root = join(import.meta.dirname, '..');

/** Built by `npm run fixtures`, and committed: whoever runs the tests needs none of these compilers. */
const committed = ['rust', 'c', 'go', 'python'];

/** Built with everything else, for npm is all that they need. */
const built = [
  'javascript-quickjs',
  'javascript-starlingmonkey',
  'typescript-quickjs',
  'typescript-starlingmonkey',
];

export const languages: Language[] = [
  ...committed.map((name) => ({
    name,
    component: () => brotliDecompressSync(readFileSync(join(root, 'fixtures', `${name}.wasm.br`))),
  })),
  ...built.map((name) => ({
    name,
    component: () => readFileSync(join(root, 'dist', `${name}.wasm`)),
  })),
];
