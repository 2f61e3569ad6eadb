// Writes the ESM entry after the build: it names what CommonJS exports, so that both give one and the same class.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const dist = new URL('../dist/', import.meta.url);
const names = Object.keys(createRequire(import.meta.url)('../dist/index.js'));
writeFileSync(new URL('index.mjs', dist), `export { ${names.sort().join(', ')} } from './index.js';\n`);
writeFileSync(new URL('index.d.mts', dist), "export * from './index.js';\n");
