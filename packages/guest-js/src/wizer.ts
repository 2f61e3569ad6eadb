// Runs in wizer's place for componentize-js: mends the bindings that it generated, then runs the real wizer.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { mendBindings } from './starlingmonkey-bindings.js';

/** wizer belongs to componentize-js, and may be reachable from there only. */
async function realWizer(): Promise<string> {
  const fromComponentize = createRequire(import.meta.resolve('@bytecodealliance/componentize-js'));
  const { default: location } = await import(
    pathToFileURL(fromComponentize.resolve('@bytecodealliance/wizer')).href
  );
  return location as string;
}

const request = readFileSync(0, 'utf8');
const path = /--initializer-script-path (\S+)/.exec(request)?.[1];
if (path === undefined) {
  console.error('componentize-js does not say where its bindings are; only 0.23.0 can be used');
  process.exit(1);
}
try {
  writeFileSync(path, mendBindings(readFileSync(path, 'utf8')));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const { status } = spawnSync(await realWizer(), process.argv.slice(2), {
  input: request,
  stdio: ['pipe', 'inherit', 'inherit'],
});
process.exit(status ?? 1);
