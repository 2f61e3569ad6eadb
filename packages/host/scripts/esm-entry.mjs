// Writes the ESM entries after the build: they name what CommonJS exports, so that both give one and the same class.
import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const dist = new URL('../dist/', import.meta.url);
const require = createRequire(import.meta.url);

for (const entry of ['index', 'in-process']) {
  const names = Object.keys(require(`../dist/${entry}.js`));
  writeFileSync(
    new URL(`${entry}.mjs`, dist),
    `export { ${names.sort().join(', ')} } from './${entry}.js';\n`,
  );
  writeFileSync(new URL(`${entry}.d.mts`, dist), "export * from './index.js';\n");
}
writeFileSync(new URL('in-process.d.ts', dist), "export * from './index.js';\n");

// For in-process, which has no compiler that would describe a component.
copyFileSync(new URL('../../bindgen/dist/hl_wit.wasm', import.meta.url), new URL('hl_wit.wasm', dist));
