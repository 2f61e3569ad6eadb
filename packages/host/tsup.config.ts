// Owns how the package is built: one CommonJS implementation, and the command. ESM: see scripts/esm-entry.mjs.
import { defineConfig, type Options } from 'tsup';

const shared: Options = { format: 'cjs', platform: 'node', target: 'node20', shims: true };

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/index.ts' },
    clean: true,
    // For the profile of the call path (test/bench). It is not published: see scripts/detach-map.mjs.
    sourcemap: true,
    // `Symbol.asyncDispose` in our types needs this library; nothing else does.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
  },
  { ...shared, entry: { cli: 'src/cli/main.ts' } },
]);
