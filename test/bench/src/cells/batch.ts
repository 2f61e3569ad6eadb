// Owns taking samples of a cell in the process that it lives in, a batch at a time.
import type { Cell } from './cell.js';

/** At the start of each batch, for the thread and the caches of a sandbox that nobody called for a while. */
export const LEAD_IN = 200;

export interface BatchSize {
  /** Not counted. */
  readonly leadIn: number;
  readonly counted: number;
  /** Slow cells end their lead-in after a fifth of this, and their batch after all of it. */
  readonly budgetMs: number;
}

export interface Batch {
  readonly samples: readonly number[];
  /** From the first sample to the last one, with what a call leaves to be done after its answer. */
  readonly elapsedMs: number;
}

/** However long they take. */
const SAMPLES_MIN = 1;

export class LocalCell {
  readonly cell: Cell;
  #turn = 0;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  async take({ leadIn, counted, budgetMs }: BatchSize): Promise<Batch> {
    await this.cell.begin?.();
    const lead = await this.#samples(leadIn, budgetMs / 5);
    const started = performance.now();
    const samples = await this.#samples(counted, budgetMs);
    const elapsedMs = performance.now() - started;
    await this.cell.verify?.(lead.length + samples.length);
    return { samples, elapsedMs };
  }

  async #samples(count: number, budgetMs: number): Promise<number[]> {
    const samples: number[] = [];
    const end = performance.now() + budgetMs;
    while (samples.length < count && (samples.length < SAMPLES_MIN || performance.now() < end)) {
      samples.push(await this.cell.sample(this.#turn++));
    }
    return samples;
  }
}
