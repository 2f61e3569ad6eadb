// Owns one VM of a pool: the engine of its sandbox, whether it is lent, and when it will be ready again.
import type { SandboxParts } from '../sandbox/create.js';
import type { Engine } from '../sandbox/engine.js';

/** Calls after which it is looked up how long resets take. */
const LEARN_EVERY = 256;
/** A reset takes its thread longer to get to than the average that is counted. */
const MARGIN = 1.5;
const MICROS_PER_MS = 1_000;
/** Before anything is known of it. */
const REST_MS_FIRST = 0.2;
/** A call that was answered at once did not take longer, but for its host functions. */
const AT_ONCE_MICROS_MAX = 300;

export class Member {
  readonly engine: Engine;
  /** A call or a context has it. */
  isLent = true;
  /** When it was last lent. */
  lentMs: number;
  /** When it was last given back. */
  idleSinceMs = 0;
  /** How long after a call its VM is likely to be put back, and ready for the next one. */
  restMs = REST_MS_FIRST;
  /** Its neighbours among those that nobody uses. */
  older: Member | undefined;
  newer: Member | undefined;
  #turns = 0;

  constructor({ engine }: SandboxParts) {
    this.engine = engine;
    this.lentMs = performance.now();
  }

  /** Its call or its context is over. */
  isBack(): void {
    this.idleSinceMs = performance.now();
    this.#rest();
  }

  /** The same for a call that was answered at once: when that was follows from when it was lent, without a clock. */
  isBackAtOnce(): void {
    const micros = Math.min(this.engine.lastMicros, AT_ONCE_MICROS_MAX);
    this.idleSinceMs = this.lentMs + micros / MICROS_PER_MS;
    this.#rest();
  }

  #rest(): void {
    this.isLent = false;
    this.#turns++;
    if (this.#turns % LEARN_EVERY === 0) this.#learn();
  }

  #learn(): void {
    const { resets, resetMicros } = this.engine.stats();
    if (resets > 0) this.restMs = (MARGIN * resetMicros) / resets / MICROS_PER_MS;
  }
}
