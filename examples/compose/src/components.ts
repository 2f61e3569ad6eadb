// Owns where the components lie: those in Rust are committed, packed, and built by `npm run fixtures`; those in
// TypeScript are built with this program.
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

export type RustComponent = 'parser' | 'reporter' | 'composed' | 'archivist' | 'writer';

export function inRust(name: RustComponent): Uint8Array {
  return brotliDecompressSync(readFileSync(new URL(`../fixtures/${name}.wasm.br`, import.meta.url)));
}

export const inTypeScript = (name: 'formatter' | 'worker'): URL =>
  new URL(`../dist/${name}.wasm`, import.meta.url);
