// Owns how the package is built: the library, the command, the programs that it starts, and what guests contain.
import { defineConfig } from 'tsup';

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      cli: 'src/cli/main.ts',
      'componentizer-process': 'src/componentizer-process.ts',
      wizer: 'src/wizer.ts',
    },
    format: 'esm',
    platform: 'node',
    target: 'node20',
    dts: { entry: { index: 'src/index.ts' } },
  },
  {
    // One file each: the author's bundle takes only those that it needs, and `WitError` is one class.
    entry: ['src/guest/*.ts', '!src/guest/*.d.ts'],
    outDir: 'dist/guest',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    splitting: true,
    external: [/^hl:/],
    // The author's project need not have it.
    noExternal: ['@jridgewell/sourcemap-codec'],
    dts: { entry: { 'wit-error': 'src/guest/wit-error.ts' } },
  },
]);
