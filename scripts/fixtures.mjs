// `npm run fixtures`: builds the committed components whose sources changed, or those named: `npm run fixtures go c`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './environment.mjs';
import { fixtures } from './fixtures/list.mjs';
import { keep, recordOf } from './fixtures/records.mjs';
import { sourcesHash } from './fixtures/sources.mjs';
import { prepare } from './fixtures/tools.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !fixtures.some((fixture) => fixture.name === name));
if (unknown.length > 0) {
  console.error(
    `no such fixture: ${unknown.join(', ')}; there are: ${fixtures.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

setup();
const stale = fixtures.filter(({ name }) => wanted.includes(name) || (wanted.length === 0 && !isFresh(name)));
if (stale.length === 0) console.log('every fixture fits its sources');
for (const fixture of stale) await build(fixture);

function isFresh(name) {
  const fixture = fixtures.find((each) => each.name === name);
  return recordOf(fixture)?.sources === sourcesHash(fixture);
}

async function build(fixture) {
  const { env, missing } = await prepare(fixture.tools);
  if (missing.length > 0) {
    for (const sentence of missing) console.error(`${fixture.name} is left as it is: ${sentence}`);
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'hl-fixture-'));
  const out = join(folder, 'component.wasm');
  const code = await run('sh', [join(root, fixture.folder, 'build.sh'), out, fixture.name], { env });
  if (code === 0) {
    const { componentBytes, packedBytes } = keep(fixture, readFileSync(out));
    console.log(`${fixture.name}: ${componentBytes} bytes, ${packedBytes} packed`);
  } else {
    console.error(`${fixture.name} could not be built`);
    process.exitCode = 1;
  }
  rmSync(folder, { recursive: true, force: true });
}
