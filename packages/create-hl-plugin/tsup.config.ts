// Owns how the package is built: one command, which knows the versions of our packages that it was released with.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

const PACKAGES = ['host', 'bindgen', 'guest-js'];

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(`../${folder}/package.json`, 'utf8')) as { version: string }).version;
}

export default defineConfig({
  entry: { cli: 'src/cli.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  clean: true,
  define: {
    HL_VERSIONS: JSON.stringify(
      Object.fromEntries(PACKAGES.map((folder) => [`@hl/${folder}`, versionOf(folder)])),
    ),
  },
});
