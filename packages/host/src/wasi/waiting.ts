// Owns how a guest's waiting meets JavaScript's: things that become ready, and `wasi:io/poll` over them.

/** Something that a guest can wait for. */
export interface Waitable {
  isReady(): boolean;
  /** Calls `wake` at most once, when something has changed; answers how to take it back. */
  onChange(wake: () => void): () => void;
}

/** Tells whoever waits that something has changed. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  onChange(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  notify(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

export const ALWAYS_READY: Waitable = { isReady: () => true, onChange: () => () => undefined };

/** What one timer can wait; what takes longer looks again. */
const TIMER_MS_MAX = 0x7fff_ffff;
const NS_PER_MS = 1_000_000n;

/** Ready once the process's monotonic clock has reached `dueNs`. */
export function moment(dueNs: bigint): Waitable {
  const leftNs = (): bigint => dueNs - process.hrtime.bigint();
  return {
    isReady: () => leftNs() <= 0n,
    onChange(wake) {
      const left = leftNs();
      const leftMs = left <= 0n ? 0 : Number((left + NS_PER_MS - 1n) / NS_PER_MS);
      const timer = setTimeout(wake, Math.min(leftMs, TIMER_MS_MAX));
      return () => clearTimeout(timer);
    },
  };
}

/** Whether something is still there: whoever waits for it is let go when it is not, as after a call was given up. */
export class Lifetime {
  readonly #ended = new Notifier();
  isOver = false;

  end(): void {
    this.isOver = true;
    this.#ended.notify();
  }

  /** Ready when `waitable` is, and when this is over. */
  covering(waitable: Waitable): Waitable {
    return {
      isReady: () => this.isOver || waitable.isReady(),
      onChange: (wake) => {
        const stops = [waitable.onChange(wake), this.#ended.onChange(wake)];
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
  }
}

const WAITABLE = Symbol('waitable');

/** `resource pollable`. */
export class Pollable {
  readonly #lifetime = new Lifetime();
  readonly #waitable: Waitable;

  constructor(waitable: Waitable) {
    this.#waitable = this.#lifetime.covering(waitable);
  }

  /** A symbol, so that no name of a guest's reaches it: what it answers takes functions of ours. */
  get [WAITABLE](): Waitable {
    return this.#waitable;
  }

  ready(): boolean {
    return this.#waitable.isReady();
  }

  block(): Promise<void> | undefined {
    return this.ready() ? undefined : untilReady(this.#waitable);
  }

  [Symbol.dispose](): void {
    this.#lifetime.end();
  }
}

export async function untilReady(waitable: Waitable): Promise<void> {
  while (!waitable.isReady()) await anyChange([waitable]);
}

/** Resolves when one of them has changed, and takes everything back that it asked for. */
function anyChange(waitables: readonly Waitable[]): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const wake = (): void => {
      for (const stop of stops.splice(0)) stop();
      resolve();
    };
    for (const one of new Set(waitables)) stops.push(one.onChange(wake));
  });
}

/** A guest may name one pollable any number of times, and each is looked at whenever one of them changes. */
const POLLED_MAX = 65_536;

/** `poll(in: list<borrow<pollable>>) -> list<u32>`: the indices of those that are ready, at least one. */
export function poll(pollables: readonly Pollable[]): number[] | Promise<number[]> {
  if (pollables.length === 0) throw new RangeError('poll was given nothing to wait for');
  if (pollables.length > POLLED_MAX) {
    throw new RangeError(`poll was given ${pollables.length} pollables, more than ${POLLED_MAX}`);
  }
  const waitables = pollables.map((one) => one[WAITABLE]);
  const ready = readyOnes(waitables);
  return ready.length > 0 ? ready : pollLater(waitables);
}

async function pollLater(waitables: readonly Waitable[]): Promise<number[]> {
  for (;;) {
    await anyChange(waitables);
    const ready = readyOnes(waitables);
    if (ready.length > 0) return ready;
  }
}

const readyOnes = (waitables: readonly Waitable[]): number[] =>
  waitables.flatMap((one, index) => (one.isReady() ? [index] : []));
