// Owns the rule by which a run is flat.
//
// The first tenth of the samples is warming up and is left out. Of each metric are looked at
// - the rise: the median of the last tenth less that of the second tenth, and
// - the trend: the median of the slopes between all pairs of samples (Theil and Sen's), times the length looked at,
// - the late trend: the same of the second half alone.
// The metric is flat if neither rise nor trend is above its allowance, and the late trend not above a third of that.
// Medians, because a single sample may catch a page cache, a closing VM or a larger heap. The late trend, because heaps
// and compiled code come to rest slowly, and leaks never: one that is steady shows there first.
import type { Sample } from './samples.js';

export type Metric = Exclude<keyof Sample, 'calls' | 'seconds'>;

/** By how much a metric may rise. */
export type Allowances = Readonly<Record<Metric, number>>;

/**
 * Counts may differ by the VMs that wait to be used again, of which there are up to four. The proportional share of
 * Node's own file, some 40 MiB, is this process's alone as soon as no other process runs it.
 */
export const ALLOWANCES: Allowances = {
  rssMiB: 12,
  pssMiB: 45,
  anonymousMiB: 12,
  heapMiB: 1,
  buffersMiB: 2,
  groupMiB: 16,
  descriptors: 8,
  threads: 4,
  mappings: 40,
};

/** A short run is over before memory is where it stays: code is still being compiled, and the heap still grows. */
export const SHORT_ALLOWANCES: Allowances = {
  ...ALLOWANCES,
  rssMiB: 24,
  anonymousMiB: 24,
  heapMiB: 4,
  groupMiB: 32,
};

const LATE_PART = 1 / 3;

export interface Verdict {
  readonly metric: Metric;
  /** Medians of the second and of the last tenth. */
  readonly second: number;
  readonly last: number;
  readonly most: number;
  readonly rise: number;
  readonly trend: number;
  readonly late: number;
  readonly allowance: number;
  readonly isFlat: boolean;
}

/** One for each metric of which all samples have a figure. */
export function judge(samples: readonly Sample[], allowances: Allowances): Verdict[] {
  if (samples.length < 20) throw new RangeError(`expected at least 20 samples, got ${samples.length}`);
  const metrics = Object.keys(allowances) as Metric[];
  return metrics.flatMap((metric) => {
    const values = samples.map((sample) => sample[metric]);
    return values.every((value) => value !== undefined)
      ? [verdict(metric, values, samples, allowances[metric])]
      : [];
  });
}

function verdict(
  metric: Metric,
  values: readonly number[],
  samples: readonly Sample[],
  allowance: number,
): Verdict {
  const tenth = Math.floor(values.length / 10);
  const second = median(values.slice(tenth, 2 * tenth));
  const last = median(values.slice(-tenth));
  const at = samples.map(({ calls }) => calls);
  const rise = last - second;
  const trendFrom = (first: number): number =>
    slope(at.slice(first), values.slice(first)) * (at.at(-1)! - at[first]!);
  const trend = trendFrom(tenth);
  const late = trendFrom(Math.floor(values.length / 2));
  return {
    metric,
    second,
    last,
    most: Math.max(...values.slice(tenth)),
    rise,
    trend,
    late,
    allowance,
    isFlat: rise <= allowance && trend <= allowance && late <= allowance * LATE_PART,
  };
}

/** Theil and Sen's: half of all samples may be wrong by anything before it is. */
export function slope(at: readonly number[], values: readonly number[]): number {
  const slopes: number[] = [];
  for (let to = 1; to < at.length; to++) {
    for (let from = 0; from < to; from++) {
      if (at[to]! > at[from]!) slopes.push((values[to]! - values[from]!) / (at[to]! - at[from]!));
    }
  }
  return median(slopes);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
