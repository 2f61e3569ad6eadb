// Owns how the package is built: the library and the command as ESM, beside the wasm module that cargo left in dist.
import { copyFileSync, existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

const MODULE = 'dist/hl_wit.wasm';
const BUILT = '../../target/wasm32-unknown-unknown/release/hl_wit.wasm';

/** `npm run build:wit` copies the module already; a build of this package alone takes what cargo has. */
function requireModule(): void {
  if (existsSync(MODULE)) return;
  if (!existsSync(BUILT)) throw new Error(`${MODULE} is missing, run \`npm run build:wit\` first`);
  copyFileSync(BUILT, MODULE);
}

export default defineConfig({
  entry: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Everything but the module, which tsup does not make.
  clean: ['dist/*.js', 'dist/*.d.ts'],
  dts: { entry: { index: 'src/index.ts' } },
  onSuccess: async () => requireModule(),
});
