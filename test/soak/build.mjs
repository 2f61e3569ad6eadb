// Owns how the soak becomes JavaScript that every Node we promise can run: one file, packages left outside.
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * V8's young generation stays as it is: it would grow and shrink with how fast garbage comes, by a mapping for each
 * quarter of a MiB, and cover what is looked for.
 */
const V8 = ['--expose-gc', '--min-semi-space-size=1', '--max-semi-space-size=1'];

/** Answers with what Node has to be given. */
export async function buildSoak() {
  const outfile = join(import.meta.dirname, 'dist/main.js');
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return [...V8, outfile];
}
