// Owns what a pool counts: the sums over all its VMs, also over those that are gone, and the state that it is in.
import type { SandboxStats } from '../sandbox/stats.js';

/** Sums over all VMs of the pool, and how many there are now. */
export interface PoolStats extends Omit<SandboxStats, 'lastCall'> {
  /** VMs that there are now: idle or busy. */
  readonly size: number;
  /** Free for whoever calls next. */
  readonly idle: number;
  /** In a call, or kept by a context. */
  readonly busy: number;
  /** VMs that are being made. */
  readonly starting: number;
  /** Calls and contexts that wait for a VM now. */
  readonly waiting: number;
  /** Calls and contexts that did not find a free VM at once, so far. */
  readonly waited: number;
  /** How long those waited that got one. */
  readonly waitMicros: number;
  /** Those that got none: cancelled, timed out, or refused because too many waited already. */
  readonly waitedInVain: number;
  /** VMs made so far. */
  readonly created: number;
  /** VMs that ended by themselves. Calls that trap or take too long end none. */
  readonly lost: number;
}

export type Sums = Record<Exclude<keyof SandboxStats, 'lastCall'>, number>;

export class PoolTotals {
  created = 0;
  lost = 0;
  /** Of VMs that are gone. */
  #past: Partial<Sums> = {};

  keep(stats: SandboxStats): void {
    this.#past = added(this.#past, stats);
  }

  /** With those of the VMs that there are. */
  sum(all: Iterable<SandboxStats>): Sums {
    let sums = this.#past;
    for (const stats of all) sums = added(sums, stats);
    return sums as Sums;
  }
}

function added(sums: Partial<Sums>, { lastCall, ...stats }: SandboxStats): Partial<Sums> {
  const result = { ...sums };
  for (const key of Object.keys(stats) as (keyof Sums)[]) result[key] = (result[key] ?? 0) + stats[key];
  return result;
}
