// Runs in wizer's place for componentize-js: mends the bindings that it generated, then runs the real wizer.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
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

/** wizer gives the guest all that it has itself, and what a shell adds (`PWD`) would lie in the component. */
function engineVariables(): NodeJS.ProcessEnv {
  const isForEngine = /^(DEBUG|SOURCE_NAME|FEATURE_[A-Z_]+|(EXPORT|IMPORT)\d*_[A-Z]+)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isForEngine.test(name)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}

const LOOK_AROUND_MS = 200;

/** Where the guest finds its bindings. */
const BINDINGS = '/bindings';

const request = readFileSync(0, 'utf8');
const path = /--initializer-script-path (\S+)/.exec(request)?.[1];
if (path === undefined) {
  fail(new Error('componentize-js does not say where its bindings are; only 0.23.0 can be used'));
}
try {
  writeFileSync(path, mendBindings(readFileSync(path, 'utf8')));
} catch (error) {
  fail(error as Error);
}
const [builder, ...words] = process.argv.slice(2);
// The paths that the engine reads at the build stay in its memory, so they are the same in each build.
const folder = dirname(path);
const wizer = spawn(
  await realWizer(),
  words.map((word) => (word === `--dir=${folder}` ? `--mapdir=${BINDINGS}::${folder}` : word)),
  { stdio: ['pipe', 'inherit', 'inherit'], env: engineVariables() },
);
wizer.stdin?.end(
  request.replace(path, `${BINDINGS}/${basename(path)}`).replace(/--strip-path-prefix \S+ /, ''),
);
wizer.once('error', fail);
wizer.once('exit', (status) => process.exit(status ?? 1));

// wizer runs the guest's top level, which may never end, and componentize-js waits for it without looking elsewhere.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent || !isAlive(Number(builder))) wizer.kill('SIGKILL');
}, LOOK_AROUND_MS);
