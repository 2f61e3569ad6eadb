// Each target for a moment: its seeds, among them every input that ever found a fault, and random changes of them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drive, TARGETS } from './drive.ts';
import { Mutator } from './mutation.ts';

const SEEDS = join(import.meta.dirname, '../../../../fuzz/seeds');
const RUNS = Number(process.env['HL_FUZZ_RUNS'] ?? 20_000);

describe.each(TARGETS)('the target $name', (target) => {
  test('breaks no promise for any of its inputs', () => {
    const folders = [join(SEEDS, target.name)].filter(existsSync);
    const run = { target, runs: RUNS, seconds: Number.POSITIVE_INFINITY, seed: 1, folders };
    expect(drive(run, () => undefined)).toBe(RUNS);
  });
});

test('the same seed makes the same inputs, another one others', () => {
  const inputs = (seed: number) => {
    const mutator = new Mutator(seed, [Uint8Array.of(1, 2, 3, 4)], 32);
    return Array.from({ length: 50 }, () => [...mutator.next()]);
  };
  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(3));
  expect(inputs(1).every((input) => input.length <= 32)).toBe(true);
});
