// Owns one VM of a pool: the engine of its sandbox, and whether it is lent.
import type { SandboxParts } from '../sandbox/create.js';
import type { Engine } from '../sandbox/engine.js';

/** Calls after which it is looked up how long resets take. */
const LEARN_EVERY = 256;
/** A reset takes its thread longer to get to than the average that is counted. */
const MARGIN = 1.5;
const MICROS_PER_MS = 1_000;
/** Before anything is known of it. */
const REST_MS_FIRST = 0.2;

export class Member {
  readonly engine: Engine;
  /** A call or a context has it. */
  isLent = true;
  /** When it was last given back. */
  idleSinceMs = 0;
  /** How long after a call its VM is likely to be put back, and ready for the next one. */
  restMs = REST_MS_FIRST;
  readonly bornMs = performance.now();
  #turns = 0;

  constructor({ engine }: SandboxParts) {
    this.engine = engine;
  }

  giveBack(): void {
    this.isLent = false;
    this.idleSinceMs = performance.now();
    this.#turns++;
    if (this.#turns % LEARN_EVERY === 0) this.#learn();
  }

  #learn(): void {
    const { resets, resetMicros } = this.engine.stats();
    if (resets > 0) this.restMs = (MARGIN * resetMicros) / resets / MICROS_PER_MS;
  }
}
