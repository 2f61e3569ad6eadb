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

/** `resource pollable`. */
export class Pollable implements Waitable {
  readonly #lifetime = new Lifetime();
  readonly #waitable: Waitable;

  constructor(waitable: Waitable) {
    this.#waitable = this.#lifetime.covering(waitable);
  }

  ready(): boolean {
    return this.isReady();
  }

  block(): Promise<void> | undefined {
    return this.isReady() ? undefined : untilReady(this);
  }

  isReady(): boolean {
    return this.#waitable.isReady();
  }

  onChange(wake: () => void): () => void {
    return this.#waitable.onChange(wake);
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
    for (const one of waitables) stops.push(one.onChange(wake));
  });
}

/** `poll(in: list<borrow<pollable>>) -> list<u32>`: the indices of those that are ready, at least one. */
export function poll(pollables: readonly Pollable[]): number[] | Promise<number[]> {
  if (pollables.length === 0) throw new RangeError('poll was given nothing to wait for');
  const ready = readyOnes(pollables);
  return ready.length > 0 ? ready : pollLater(pollables);
}

async function pollLater(pollables: readonly Pollable[]): Promise<number[]> {
  for (;;) {
    await anyChange(pollables);
    const ready = readyOnes(pollables);
    if (ready.length > 0) return ready;
  }
}

const readyOnes = (pollables: readonly Pollable[]): number[] =>
  pollables.flatMap((one, index) => (one.isReady() ? [index] : []));
