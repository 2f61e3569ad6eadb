// Owns counting where calls' time went.
import { type BindingStats, Control } from '../binding.js';
import type { CallTimes } from './channels.js';

/** Sums over calls that returned. Times are in microseconds. */
export interface CallTotals extends CallTimes {
  readonly calls: number;
}

/** What a context did, from its first call on. */
export interface ContextStats extends CallTotals {}

/** One call that returned. */
export interface LastCall extends CallTotals {
  /** The last reset that is done: the one after this call, unless that is still under way. */
  readonly resetMicros: number;
}

/** What a sandbox did, since it was created. */
export interface SandboxStats extends CallTotals {
  /** How often the VM was put back into its base state. */
  readonly resets: number;
  readonly resetMicros: number;
  readonly pagesRestored: number;
  /** How often the VM was replaced by a new one, because it grew or died. */
  readonly replacements: number;
  /** The last call that returned. */
  readonly lastCall: LastCall | undefined;
}

/** Where each sum lies, so that counting a call makes no object. */
const CALLS = 0;
const QUEUE_MICROS = 1;
const MICROS = 2;
const WAKE_MICROS = 3;
const HOST_MICROS = 4;
const HOST_CALLS = 5;
const EXITS = 6;
const PAGES = 7;

export class Totals {
  readonly #sums = new Float64Array(8);

  /** Adds the call that just returned, whose numbers lie in the control block. */
  add(control: Float64Array, queueMicros: number): void {
    const sums = this.#sums;
    sums[CALLS]! += 1;
    sums[QUEUE_MICROS]! += queueMicros;
    sums[MICROS]! += control[Control.MICROS]!;
    sums[WAKE_MICROS]! += control[Control.WAKE_MICROS]!;
    sums[HOST_MICROS]! += control[Control.HOST_MICROS]!;
    sums[HOST_CALLS]! += control[Control.HOST_CALLS]!;
    sums[EXITS]! += control[Control.EXITS]!;
    sums[PAGES]! += control[Control.PAGES]!;
  }

  /** In place of all before. */
  set(control: Float64Array, queueMicros: number): void {
    const sums = this.#sums;
    sums[CALLS] = 1;
    sums[QUEUE_MICROS] = queueMicros;
    sums[MICROS] = control[Control.MICROS]!;
    sums[WAKE_MICROS] = control[Control.WAKE_MICROS]!;
    sums[HOST_MICROS] = control[Control.HOST_MICROS]!;
    sums[HOST_CALLS] = control[Control.HOST_CALLS]!;
    sums[EXITS] = control[Control.EXITS]!;
    sums[PAGES] = control[Control.PAGES]!;
  }

  get micros(): number {
    return this.#sums[MICROS]!;
  }

  snapshot(): CallTotals {
    const sums = this.#sums;
    const [micros, wakeMicros, hostMicros] = [sums[MICROS]!, sums[WAKE_MICROS]!, sums[HOST_MICROS]!];
    return {
      calls: sums[CALLS]!,
      micros,
      queueMicros: sums[QUEUE_MICROS]!,
      wakeMicros,
      guestMicros: Math.max(0, micros - wakeMicros - hostMicros),
      hostMicros,
      hostCalls: sums[HOST_CALLS]!,
      exits: sums[EXITS]!,
      pages: sums[PAGES]!,
    };
  }
}

export function sandboxStats(
  totals: Totals,
  { resets, resetMicros, lastResetMicros, pagesRestored, replacements }: BindingStats,
  last: Totals,
): SandboxStats {
  const lastCall = last.snapshot();
  return {
    ...totals.snapshot(),
    resets,
    resetMicros,
    pagesRestored,
    replacements,
    lastCall: lastCall.calls === 0 ? undefined : { ...lastCall, resetMicros: lastResetMicros },
  };
}
