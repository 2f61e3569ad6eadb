// Owns what a pool says on the channel `hl:pool`.
import { type PoolMessage, poolChannel } from '../sandbox/channels.js';

/** What every message tells of the pool. */
export type PoolState = Pick<PoolMessage, 'size' | 'idle' | 'waiting'>;

let pools = 0;

export class Report {
  readonly #pool = ++pools;
  readonly #state: () => PoolState;

  constructor(state: () => PoolState) {
    this.#state = state;
  }

  /** Costs next to nothing while nobody listens. */
  tell(kind: PoolMessage['kind'], queueMicros = 0, error?: unknown): void {
    if (poolChannel.hasSubscribers) this.#publish(kind, queueMicros, error);
  }

  #publish(kind: PoolMessage['kind'], queueMicros: number, error: unknown): void {
    const message: PoolMessage = { pool: this.#pool, kind, queueMicros, error, ...this.#state() };
    poolChannel.publish(message);
  }
}
