// Builds what needs npm only: types from WIT, and the plug-in from JavaScript and TypeScript with each engine.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@hl/bindgen';
import { buildGuest, ENGINES } from '@hl/guest-js';

const here = (...path) => join(import.meta.dirname, ...path);
const wit = here('wit');

mkdirSync(here('dist'), { recursive: true });
for (const world of ['plugin', 'lender']) {
  await generate({ wit, world, out: here('src/gen') });
  await generate({ wit, world, out: here('src/gen'), guest: true });
}
for (const engine of ENGINES) await build(engine);

async function build(engine) {
  for (const [language, ending] of [
    ['javascript', 'js'],
    ['typescript', 'ts'],
  ]) {
    const { sizes, timings } = await buildGuest({
      entry: here(language, `lender.${ending}`),
      wit,
      world: 'lender',
      engine,
      out: here('dist', `${language}-${engine}.wasm`),
    });
    const seconds = (timings.bundleMs + timings.componentizeMs) / 1000;
    const kib = Math.round(sizes.componentBytes / 1024);
    console.log(`${language}-${engine}.wasm: ${kib} KiB in ${seconds.toFixed(1)} s`);
  }
}
