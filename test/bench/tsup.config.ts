// Owns how the benchmark becomes JavaScript; the guests and the floors' program are built when it runs.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts', 'src/measuring.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
  external: ['typescript'],
});
