// Owns the jobs that wait for their turn on one sandbox: their order, their number, and how long they wait.
import { LimitError, TimeoutError } from '../errors/classes.js';
import type { ContextState } from './context-state.js';
import { type Job, settle } from './job.js';

/** The longest that a timer can run; who waits longer than 24 days waits on. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class JobQueue {
  readonly #jobs: Job[] = [];
  readonly #max: number;
  #timer: NodeJS.Timeout | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #hint = (): string => '';

  constructor(max: number) {
    this.#max = max;
  }

  /** The error if there is no room. Resets and rebases always have room: they end something. */
  push(job: Job, hint: () => string): LimitError | undefined {
    const bounded = job.kind === 'call' || job.kind === 'open' || job.kind === 'capture';
    if (bounded && this.#jobs.length >= this.#max) {
      return new LimitError(
        'maxQueue',
        `${this.#jobs.length} calls wait already, limits.maxQueue is ${this.#max}`,
      );
    }
    this.#jobs.push(job);
    this.#limitWait(job, hint);
    return undefined;
  }

  unshift(job: Job): void {
    this.#jobs.unshift(job);
  }

  shift(): Job | undefined {
    return this.#jobs.shift();
  }

  remove(job: Job): boolean {
    const index = this.#jobs.indexOf(job);
    if (index >= 0) this.#jobs.splice(index, 1);
    return index >= 0;
  }

  removeOf(context: ContextState): Job[] {
    const removed = this.#jobs.filter((job) => 'context' in job && job.context === context);
    for (const job of removed) this.remove(job);
    return removed;
  }

  removeAll(): Job[] {
    clearTimeout(this.#timer);
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    return this.#jobs.splice(0);
  }

  /** One timer for all: it runs until the first of them has waited long enough. */
  #limitWait(job: Job, hint: () => string): void {
    if (job.timeoutMs > TIMER_MS_MAX) return;
    job.waitEndsAtMs = performance.now() + job.timeoutMs;
    this.#hint = hint;
    if (job.waitEndsAtMs < this.#wakesAtMs) this.#wakeAt(job.waitEndsAtMs);
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#timer);
    this.#wakesAtMs = atMs;
    // Rounded up, or it would wake too early and again. Who waits holds the event loop already.
    this.#timer = setTimeout(() => this.#expire(), Math.ceil(atMs - performance.now()));
    this.#timer.unref();
  }

  #expire(): void {
    const now = performance.now();
    const late = this.#jobs.filter((job) => job.waitEndsAtMs <= now);
    const expired = late.toSorted((one, other) => one.waitEndsAtMs - other.waitEndsAtMs);
    for (const job of expired) {
      if (!this.remove(job)) continue;
      const what =
        job.kind === 'call' ? job.callee.name : job.kind === 'open' ? 'the context' : 'the snapshot';
      const message = `${what} waited for its turn longer than timeoutMs (${job.timeoutMs} ms)${this.#hint()}`;
      settle(job, new TimeoutError('queue', job.timeoutMs, message));
    }
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    const next = this.#jobs.reduce((atMs, job) => Math.min(atMs, job.waitEndsAtMs), Number.POSITIVE_INFINITY);
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(next);
  }
}
