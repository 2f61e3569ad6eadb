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
  return [...V8, await bundle('main')];
}

/** Whether there is something to run. Says what is wrong with the arguments, or how they are given, if that is asked. */
export async function checkArguments(args) {
  const { parseOptions, USAGE } = await import(await bundle('arguments'));
  try {
    if (parseOptions(args) !== 'help') return true;
    console.log(USAGE);
  } catch (error) {
    console.error(`soak: ${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
  return false;
}

async function bundle(name) {
  const outfile = join(import.meta.dirname, 'dist', `${name}.js`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}
