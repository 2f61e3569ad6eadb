// Each target for a moment: its seeds, among them every input that ever found a fault, and random changes of them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { drive, TARGETS } from './drive.ts';
import { Mutator } from './mutation.ts';

const SEEDS = join(import.meta.dirname, '../../../../fuzz/seeds');
const RUNS = 20_000;
const PATIENCE_MS = 600_000;

for (const target of TARGETS) {
  (target.vm === undefined ? describe : describeWithKvm)(`the target ${target.name}`, () => {
    const runs = Number(process.env['HL_FUZZ_RUNS'] ?? target.vm?.runsInTests ?? RUNS);
    test(
      'breaks no promise for any of its inputs',
      async () => {
        const folders = [join(SEEDS, target.name)].filter(existsSync);
        const run = { target, runs, seconds: Number.POSITIVE_INFINITY, seed: 1, folders };
        expect(await drive(run, () => undefined)).toBe(runs);
      },
      PATIENCE_MS,
    );
  });
}

test('the same seed makes the same inputs, another one others', () => {
  const inputs = (seed: number) => {
    const mutator = new Mutator(seed, [Uint8Array.of(1, 2, 3, 4)], 32);
    return Array.from({ length: 50 }, () => [...mutator.next()]);
  };
  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(3));
  expect(inputs(1).every((input) => input.length <= 32)).toBe(true);
});
