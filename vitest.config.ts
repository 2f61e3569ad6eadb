// Owns how all TypeScript tests run. `packages` stands apart: it installs packed tarballs and takes minutes.
import { defineConfig } from 'vitest/config';

const PATIENCE_MS = 60_000;

const shared = { testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS, environment: 'node' as const };
const never = ['**/node_modules/**', '**/dist/**', '**/target/**', '**/out/**'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'tests',
          include: [
            'packages/**/*.test.ts',
            'examples/**/*.test.ts',
            'test/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: [...never, 'test/packages/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'packages',
          include: ['test/packages/**/*.test.ts'],
          globalSetup: 'test/packages/pack.ts',
          exclude: never,
          testTimeout: 10 * PATIENCE_MS,
          hookTimeout: 10 * PATIENCE_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
