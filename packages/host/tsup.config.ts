// Owns how the package is built: one CommonJS implementation, the command, and the entry that needs no KVM. ESM: see scripts/esm-entry.mjs.
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
  // A second copy of the library, with jco in the add-on's place; types are those of the first.
  {
    ...shared,
    entry: { 'in-process': 'src/in-process/index.ts', 'in-process-worker': 'src/in-process/worker/main.ts' },
  },
]);
