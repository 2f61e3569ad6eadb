// The rule: what it calls flat, and what it does not, for runs that are made up.
import { expect, test } from 'vitest';
import { ALLOWANCES, judge, median, slope } from './rule.js';
import type { Sample } from './samples.js';

const COUNT = 200;

/** A run whose resident memory goes that way, everything else standing still. */
function run(rssMiB: (part: number, index: number) => number, groupMiB: number | undefined = 100): Sample[] {
  return Array.from({ length: COUNT }, (_, index) => ({
    calls: (index + 1) * 5_000,
    seconds: index,
    rssMiB: rssMiB(index / COUNT, index),
    ...{ pssMiB: 60, anonymousMiB: 50, heapMiB: 7, buffersMiB: 6, groupMiB },
    ...{ descriptors: 50, threads: 40, mappings: 360 },
  }));
}

const growing = (samples: readonly Sample[]): string[] =>
  judge(samples, ALLOWANCES)
    .filter(({ isFlat }) => !isFlat)
    .map(({ metric }) => metric);

test('what stands still is flat, with noise and with what stands out', () => {
  expect(growing(run(() => 90))).toEqual([]);
  expect(growing(run((_, index) => 90 + ((index * 7) % 11)))).toEqual([]);
  expect(growing(run((_, index) => (index % 10 === 0 ? 900 : 90)))).toEqual([]);
  expect(growing(run((part) => 90 - 50 * part))).toEqual([]);
});

test('what happens in the first tenth is warming up', () => {
  expect(growing(run((part) => (part < 0.1 ? 20 + 700 * part : 90)))).toEqual([]);
});

test('what grows is not flat: all the time, late, in steps, or under noise', () => {
  expect(growing(run((part) => 90 + 9 * part))).toEqual(['rssMiB']);
  expect(growing(run((part) => (part < 0.85 ? 90 : 103)))).toEqual(['rssMiB']);
  expect(growing(run((part) => 90 + 4 * Math.floor(part * 5)))).toEqual(['rssMiB']);
  expect(growing(run((part, index) => 90 + 13 * part + ((index * 7) % 11)))).toEqual(['rssMiB']);
  // Back at the end only: the trend tells.
  expect(growing(run((part) => (part < 0.88 ? 90 + 25 * part : 90)))).toEqual(['rssMiB']);
});

test('what comes to rest slowly is flat, and what goes on as it began is not', () => {
  expect(growing(run((part) => 90 + 10 * (1 - Math.exp(-6 * part))))).toEqual([]);
  expect(growing(run((part) => 90 + 8.5 * part))).toEqual(['rssMiB']);
});

test('what could not be measured is not judged, and too few samples are refused', () => {
  const metrics = judge(
    run(() => 90, undefined).map(({ groupMiB: _, ...rest }) => ({ ...rest, groupMiB: undefined })),
    ALLOWANCES,
  );
  expect(metrics.map(({ metric }) => metric)).not.toContain('groupMiB');
  expect(() => judge(run(() => 90).slice(0, 19), ALLOWANCES)).toThrow(RangeError);
});

test('medians and slopes are those of the book', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect(slope([0, 1, 2, 3], [1, 3, 5, 100])).toBeGreaterThan(2);
  expect(slope([0, 10, 20, 30, 40], [0, 5, 10, 900, 20])).toBeCloseTo(0.5);
});
