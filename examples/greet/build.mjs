// Builds greet.wasm and lays it where @hl/host ships it from.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildGuest } from '@hl/guest-js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

mkdirSync(here('dist'), { recursive: true });
const { sizes } = await buildGuest({
  entry: here('src/greet.ts'),
  wit: here('wit'),
  out: here('dist/greet.wasm'),
});
copyFileSync(here('dist/greet.wasm'), here('../../packages/host/greet.wasm'));
console.log(`greet.wasm: ${sizes.componentBytes} bytes`);
