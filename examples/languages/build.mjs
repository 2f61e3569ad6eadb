// Builds what needs npm only: types from WIT, and the plug-in from JavaScript and TypeScript with each engine.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@hl/bindgen';
import { buildGuest, ENGINES } from '@hl/guest-js';

const here = (...path) => join(import.meta.dirname, ...path);
const wit = here('wit');

mkdirSync(here('dist'), { recursive: true });
await generate({ wit, out: here('src/gen') });
await generate({ wit, out: here('src/gen'), guest: true });
for (const engine of ENGINES) {
  await build('javascript/plugin.js', engine, `javascript-${engine}.wasm`);
  await build('typescript/plugin.ts', engine, `typescript-${engine}.wasm`);
}

async function build(entry, engine, name) {
  const { sizes, timings } = await buildGuest({ entry: here(entry), wit, engine, out: here('dist', name) });
  const seconds = (timings.bundleMs + timings.componentizeMs) / 1000;
  console.log(`${name}: ${Math.round(sizes.componentBytes / 1024)} KiB in ${seconds.toFixed(1)} s`);
}
