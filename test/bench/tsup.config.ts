// Owns how the benchmark becomes JavaScript; the guests and the floors' program are built when it runs.
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { main: 'src/main.ts', measuring: 'src/measuring.ts', profile: 'src/profile/main.ts' },
  format: 'esm',
  target: 'node20',
  clean: true,
  // The profile names its own functions, too.
  sourcemap: true,
  external: ['typescript'],
});
