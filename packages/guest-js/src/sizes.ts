// Owns what a bundle is made of: the author's files, npm packages, and what the build adds.
import { relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { guestFolder } from './guest-folder.js';

export interface BundlePart {
  /** A file of the author's, or the name of a package. */
  name: string;
  bytes: number;
}

const OURS = '@hl/guest-js';

/** The largest part first. The table behind the traces is no file, and not among them. */
export function partsOf({ outputs }: Metafile): BundlePart[] {
  const bytes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = partOf(input);
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes]
    .map(([name, sum]) => ({ name, bytes: sum }))
    .filter((part) => part.bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
}

function partOf(input: string): string {
  const path = resolve(input);
  if (input.startsWith('hl:') || path.startsWith(guestFolder)) return OURS;
  // The innermost one: packages lie in folders of packages.
  const [, name] = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path) ?? [];
  return name ?? relative(process.cwd(), path);
}
