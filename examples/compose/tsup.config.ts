// Owns how the host program becomes JavaScript; `build.mjs` makes the plug-ins beside it.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node20',
  // The plug-ins are in `dist` already.
  clean: false,
});
