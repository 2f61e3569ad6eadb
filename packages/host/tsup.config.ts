// Owns how the package is built: one CommonJS implementation and the command; ESM re-exports the same module.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'tsup';

const require = createRequire(import.meta.url);

/** The ESM entry lists the names that CommonJS has, so that both give one and the same class. */
function writeEsmEntry(): void {
  const names = Object.keys(require('./dist/index.js') as object);
  writeFileSync('dist/index.mjs', `export { ${names.join(', ')} } from './index.js';\n`);
  writeFileSync('dist/index.d.mts', "export * from './index.js';\n");
}

export default defineConfig([
  {
    entry: { index: 'src/index.ts' },
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    shims: true,
    clean: true,
    // `Symbol.asyncDispose` in our types needs this library; nothing else does.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    onSuccess: async () => writeEsmEntry(),
  },
  {
    entry: { cli: 'src/cli/main.ts' },
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    shims: true,
    external: ['./index.js'],
  },
]);
