// Owns how the host program becomes JavaScript; `build.mjs` makes the plug-in beside it.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node20',
  // The plug-in is in `dist` already.
  clean: false,
});
