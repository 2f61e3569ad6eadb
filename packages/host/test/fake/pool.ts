// Owns a pool of the fake world, and what its tests wait for.
import { beforeEach, expect, onTestFinished } from 'vitest';
import { Pool } from '../../src/index.ts';
import { componentOf } from './compiler.ts';
import { type Fake, installFake, world } from './world.ts';

export let fake: Fake;
beforeEach(() => {
  fake = installFake();
});

export const stock = { count: (n: number): unknown => n, tryCount: (n: number): unknown => n };

/** Ended after the test. */
export async function createPool(options: object = {}): Promise<Pool> {
  const pool = await Pool.create({ component: componentOf(world), imports: { stock }, ...options });
  onTestFinished(() => pool.close({ timeoutMs: 0 }));
  return pool;
}

export const failure = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`answered ${String(value)}`),
    (error: unknown) => error,
  );

/** Resolves when the pool is as it should be, which the test's own time limit bounds. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** That VM ends by itself, and cannot be asked any more. */
export function end(index: number): void {
  const sandbox = fake.binding.sandboxes[index]!;
  sandbox.closed = true;
  sandbox.onEvent({ kind: 'closed', stats: sandbox.stats });
}
