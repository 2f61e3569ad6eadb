// Owns the proof that percentiles are samples that were taken.
import { expect, test } from 'vitest';
import { distributionOf } from './distribution.js';

test('percentiles are by nearest rank, in any order of the samples', () => {
  const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(distributionOf(samples)).toEqual({ p50: 100, p99: 198, min: 1, n: 200 });
});

test('one sample is every percentile', () => {
  expect(distributionOf([7])).toEqual({ p50: 7, p99: 7, min: 7, n: 1 });
});

test('of no samples nothing is said', () => {
  expect(() => distributionOf([])).toThrow(RangeError);
});
