// Builds what the host program runs: types from WIT, the plug-in, and three that mean harm.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { generate } from '@hl/bindgen';
import { buildGuest } from '@hl/guest-js';

const here = (...path) => join(import.meta.dirname, ...path);
const wit = here('wit');

mkdirSync(here('dist'), { recursive: true });
await generate({ wit, out: here('src/gen') });
await generate({ wit, out: here('src/gen'), guest: true });
await build('src/plugin.ts', 'plugin.wasm');
await build('hostile/forever.ts', 'forever.wasm');
await build('hostile/hoarder.ts', 'hoarder.wasm');
writeFileSync(here('dist/outside.wasm'), await parse(readFileSync(here('hostile/outside.wat'), 'utf8')));

async function build(entry, name) {
  const { sizes, timings } = await buildGuest({ entry: here(entry), wit, out: here('dist', name) });
  const seconds = (timings.bundleMs + timings.componentizeMs) / 1000;
  console.log(`${name}: ${Math.round(sizes.componentBytes / 1024)} KiB in ${seconds.toFixed(1)} s`);
}
