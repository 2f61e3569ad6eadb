// Owns counting where calls' time went.
import type { BindingReturned, BindingStats } from '../binding.js';

/** Sums over calls that returned. Times are in microseconds. */
export interface CallTotals {
  readonly calls: number;
  /** From the VM's start of a call to its answer, host functions included. */
  readonly micros: number;
  /** Of that, spent waiting for host functions. */
  readonly hostMicros: number;
  readonly hostCalls: number;
  /** How often the VM was left. */
  readonly exits: number;
  /** Pages that the calls wrote, and that a reset puts back. */
  readonly pages: number;
}

/** What a context did, from its first call on. */
export interface ContextStats extends CallTotals {}

/** What a sandbox did, since it was created. */
export interface SandboxStats extends CallTotals {
  /** How often the VM was put back into its base state. */
  readonly resets: number;
  readonly resetMicros: number;
  readonly pagesRestored: number;
  /** How often the VM was replaced by a new one, because it grew or died. */
  readonly replacements: number;
  /** The last call that returned. */
  readonly lastCall: CallTotals | undefined;
}

export class Totals {
  calls = 0;
  micros = 0;
  hostMicros = 0;
  hostCalls = 0;
  exits = 0;
  pages = 0;

  clear(): void {
    this.calls = 0;
    this.micros = 0;
    this.hostMicros = 0;
    this.hostCalls = 0;
    this.exits = 0;
    this.pages = 0;
  }

  add(event: BindingReturned): void {
    this.calls++;
    this.micros += event.micros;
    this.hostMicros += event.hostMicros;
    this.hostCalls += event.hostCalls;
    this.exits += event.exits;
    this.pages += event.pages;
  }

  snapshot(): CallTotals {
    const { calls, micros, hostMicros, hostCalls, exits, pages } = this;
    return { calls, micros, hostMicros, hostCalls, exits, pages };
  }
}

export function sandboxStats(
  totals: Totals,
  { resets, resetMicros, pagesRestored, replacements }: BindingStats,
  last: Totals,
): SandboxStats {
  const lastCall = last.calls === 0 ? undefined : last.snapshot();
  return { ...totals.snapshot(), resets, resetMicros, pagesRestored, replacements, lastCall };
}
