// Owns what is said about a set of samples.

export interface Distribution {
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly n: number;
}

/** By nearest rank: each figure is a sample that was really taken. */
export function distributionOf(samples: readonly number[]): Distribution {
  if (samples.length === 0) throw new RangeError('a distribution needs at least one sample');
  const sorted = Float64Array.from(samples).sort();
  const rank = (share: number) => round(sorted[Math.ceil(share * sorted.length) - 1] as number);
  return { p50: rank(0.5), p99: rank(0.99), min: round(sorted[0] as number), n: sorted.length };
}

/** To the nanosecond, which is more than any clock here knows. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
