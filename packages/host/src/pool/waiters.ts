// Owns the calls and contexts that wait until a VM is free: their order, their number, and how each wait may end.
import { AbortError, LimitError, TimeoutError } from '../errors/classes.js';
import type { CallOptions, EncodedCall } from '../sandbox/job.js';
import type { PoolSettings } from './options.js';
import type { Report } from './report.js';

/** The longest that a timer can run; who waits longer than 24 days waits on. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const MICROS_PER_MS = 1_000;

interface WaiterBase {
  /** How messages name it. */
  readonly what: string;
  readonly options: CallOptions;
  readonly timeoutMs: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface CallWaiter extends WaiterBase {
  readonly kind: 'call';
  /** With the arguments as they were when the call was made. */
  readonly call: EncodedCall;
  /** By when it must be over, in the time of performance.now(). */
  readonly endsAtMs: number;
}

export interface ContextWaiter extends WaiterBase {
  readonly kind: 'context';
  /** What the context keeps from being collected. */
  readonly owner: unknown;
}

export type Waiter = CallWaiter | ContextWaiter;

/** A place in the queue, which is a ring of them: whoever gives up can leave it from the middle. */
class Place {
  next: Place = this;
  previous: Place = this;
  readonly #sinceMs = performance.now();
  timer: NodeJS.Timeout | undefined;
  onAbort: (() => void) | undefined;
  /** None at the end of the queue, where the ring closes. */
  readonly waiter: Waiter | undefined;

  constructor(waiter: Waiter | undefined) {
    this.waiter = waiter;
  }

  waitedMicros(): number {
    return (performance.now() - this.#sinceMs) * MICROS_PER_MS;
  }
}

export class Waiters {
  size = 0;
  /** How many ever waited, how long those did that got a VM, and how many got none. */
  waited = 0;
  waitMicros = 0;
  inVain = 0;
  readonly #end = new Place(undefined);
  readonly #max: number;
  readonly #acquireTimeoutMs: number;
  /** What else there is to say where a wait took too long. */
  readonly #hint: () => string;
  readonly #report: Report;

  constructor({ maxQueue, acquireTimeoutMs }: PoolSettings, hint: () => string, report: Report) {
    this.#max = maxQueue;
    this.#acquireTimeoutMs = acquireTimeoutMs;
    this.#hint = hint;
    this.#report = report;
  }

  /** The error if there is no room. */
  push(waiter: Waiter): LimitError | undefined {
    if (this.size >= this.#max) {
      this.inVain++;
      const message = `${this.size} calls wait for a VM of the pool already, maxQueue is ${this.#max}`;
      const error = new LimitError('maxQueue', message);
      this.#report.tell('refused', 0, error);
      return error;
    }
    const place = new Place(waiter);
    place.next = this.#end;
    place.previous = this.#end.previous;
    place.previous.next = place;
    this.#end.previous = place;
    this.size++;
    this.waited++;
    this.#limit(place, waiter);
    return undefined;
  }

  /** Who has waited longest. */
  shift(): Waiter | undefined {
    const place = this.#end.next;
    const { waiter } = place;
    if (waiter === undefined) return undefined;
    this.#remove(place);
    const micros = place.waitedMicros();
    this.waitMicros += micros;
    this.#report.tell('lent', micros);
    return waiter;
  }

  rejectAll(error: Error): void {
    for (;;) {
      const place = this.#end.next;
      if (place.waiter === undefined) return;
      this.#giveUp(place, place.waiter, error);
    }
  }

  #limit(place: Place, waiter: Waiter): void {
    const { signal } = waiter.options;
    if (signal !== undefined) {
      place.onAbort = () => this.#giveUp(place, waiter, new AbortError(signal.reason));
      signal.addEventListener('abort', place.onAbort);
    }
    const ms = Math.min(waiter.timeoutMs, this.#acquireTimeoutMs);
    if (ms <= TIMER_MS_MAX) place.timer = setTimeout(() => this.#expire(place, waiter, ms), ms);
  }

  #expire(place: Place, waiter: Waiter, ms: number): void {
    const name = ms === waiter.timeoutMs ? 'timeoutMs' : 'acquireTimeoutMs';
    const message = `${waiter.what} waited for a VM of the pool longer than ${name} (${ms} ms)${this.#hint()}`;
    const error = new TimeoutError('queue', ms, message);
    this.#giveUp(place, waiter, error);
    this.#report.tell('refused', place.waitedMicros(), error);
  }

  #giveUp(place: Place, waiter: Waiter, error: Error): void {
    this.#remove(place);
    this.inVain++;
    waiter.reject(error);
  }

  #remove(place: Place): void {
    place.previous.next = place.next;
    place.next.previous = place.previous;
    this.size--;
    clearTimeout(place.timer);
    if (place.onAbort !== undefined) {
      place.waiter?.options.signal?.removeEventListener('abort', place.onAbort);
    }
  }
}
