// Owns what is known of where a sandbox's time went: its sums, its last call, and what is told to who listens.
import type { BindingStats } from '../binding.js';
import {
  type CallMessage,
  callChannel,
  type ResetMessage,
  resetChannel,
  type SandboxMessage,
  sandboxChannel,
} from './channels.js';
import type { ContextState } from './context-state.js';
import type { CallJob } from './job.js';
import { type SandboxStats, sandboxStats, Totals } from './stats.js';

/** A reset follows its call; by then it is done. */
const LOOK_AFTER_MS = 5;
const MICROS_PER_MS = 1_000;

let sandboxes = 0;

export class Ledger {
  readonly #sandbox = ++sandboxes;
  readonly #component: string;
  readonly #readStats: () => BindingStats;
  readonly #totals = new Totals();
  readonly #last = new Totals();
  /** What was told of resets and replacements so far; from when somebody listens. */
  #told: BindingStats | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(component: string, readStats: () => BindingStats) {
    this.#component = component;
    this.#readStats = readStats;
  }

  /** A call has returned; its numbers lie in the control block. */
  count(control: Float64Array, queueMicros: number, context: ContextState | undefined): void {
    this.#totals.add(control, queueMicros);
    this.#last.set(control, queueMicros);
    if (context !== undefined) context.totals.add(control, queueMicros);
  }

  get lastMicros(): number {
    return this.#last.micros;
  }

  stats(): SandboxStats {
    return sandboxStats(this.#totals, this.#readStats(), this.#last);
  }

  /** What became of the sandbox. */
  tell(kind: SandboxMessage['kind']): void {
    if (!sandboxChannel.hasSubscribers) return;
    const message: SandboxMessage = { sandbox: this.#sandbox, component: this.#component, kind };
    sandboxChannel.publish(message);
  }

  /** A call is made while somebody listens; answers when. What is reset from now on is told. */
  called(): number {
    this.#told ??= this.#readStats();
    return performance.now();
  }

  /** The end of that call is told. */
  watch(job: CallJob, calledMs: number): void {
    job.onSettled = (error) => this.#callIsOver(job, calledMs, error);
  }

  /** Tells what resets there were since the last time. */
  lookNow(): void {
    clearTimeout(this.#look);
    this.#look = undefined;
    const before = this.#told;
    if (before === undefined) return;
    const now = this.#readStats();
    this.#told = now;
    if (resetChannel.hasSubscribers && now.resets > before.resets) {
      const message: ResetMessage = {
        sandbox: this.#sandbox,
        resets: now.resets - before.resets,
        micros: now.resetMicros - before.resetMicros,
        pages: now.pagesRestored - before.pagesRestored,
      };
      resetChannel.publish(message);
    }
    for (let count = before.replacements; count < now.replacements; count++) this.tell('replaced');
  }

  #callIsOver(job: CallJob, calledMs: number, error: unknown): void {
    if (this.#look === undefined) {
      this.#look = setTimeout(() => this.lookNow(), LOOK_AFTER_MS);
      this.#look.unref();
    }
    if (!callChannel.hasSubscribers) return;
    // The error of a call that did return is that of its result.
    const { calls: _one, ...times } = (job.hasReturned ? this.#last : new Totals()).snapshot();
    const message: CallMessage = {
      sandbox: this.#sandbox,
      name: job.callee.name,
      inContext: job.context !== undefined,
      error,
      ...times,
      queueMicros: job.queueMicros,
      totalMicros: (performance.now() - calledMs) * MICROS_PER_MS,
    };
    callChannel.publish(message);
  }
}
