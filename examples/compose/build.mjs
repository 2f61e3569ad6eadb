// Builds what npm alone can build: types from WIT, and the plug-ins in TypeScript.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@hl/bindgen';
import { buildGuest } from '@hl/guest-js';

const here = (...path) => join(import.meta.dirname, ...path);
const report = here('wit/report.wit');
const volumes = here('wit/volumes.wit');
const spawn = here('wit/spawn.wit');

mkdirSync(here('dist'), { recursive: true });
for (const world of ['parser', 'reporter', 'formatter', 'composed']) {
  await generate({ wit: report, world, out: here('src/gen') });
}
for (const world of ['archivist', 'writer']) await generate({ wit: volumes, world, out: here('src/gen') });
await generate({ wit: report, world: 'formatter', out: here('src/gen'), guest: true });
await generate({ wit: spawn, out: here('src/gen') });
await generate({ wit: spawn, out: here('src/gen'), guest: true });
await build('formatter', { wit: report, world: 'formatter' });
await build('worker', { wit: spawn });

async function build(name, options) {
  const { sizes } = await buildGuest({
    entry: here(`plugins/${name}.ts`),
    out: here(`dist/${name}.wasm`),
    ...options,
  });
  console.log(`${name}.wasm: ${Math.round(sizes.componentBytes / 1024)} KiB`);
}
