// Builds what the host program runs: types from WIT, and the plug-in.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '@hl/bindgen';
import { buildGuest } from '@hl/guest-js';

const here = (...path) => join(import.meta.dirname, ...path);
const wit = here('wit');

mkdirSync(here('dist'), { recursive: true });
await generate({ wit, out: here('src/gen') });
const { sizes } = await buildGuest({ entry: here('src/plugin.ts'), wit, out: here('dist/plugin.wasm') });
console.log(`plugin.wasm: ${Math.round(sizes.componentBytes / 1024)} KiB`);
