// Owns fairness: every cell is measured in each of several rounds, so that a busy moment of the machine hits all of them.
import { type Batch, type BatchSize, LEAD_IN } from './cells/batch.js';
import { type CellShape, messageOf, type Unit } from './cells/cell.js';
import { type Distribution, distributionOf, round } from './distribution.js';

/** A cell, in whichever process it lives. */
export interface Measurable extends CellShape {
  take(size: BatchSize): Promise<Batch>;
}

export interface Result extends Distribution {
  readonly name: string;
  readonly unit: Unit;
  /** Samples by the time from the first to the last one, with what a call leaves to be done after its answer. */
  readonly perSecond: number;
}

export interface Outcome {
  readonly results: readonly Result[];
  /** Cells that threw: a wrong answer counts as no answer. */
  readonly failed: readonly { name: string; error: string }[];
}

export interface Schedule {
  readonly rounds: number;
  /** The part of each cell's samples that is taken in all rounds together. */
  readonly share: number;
  /** How long a batch of a slow cell may take. */
  readonly batchMs: number;
  /** Once in each round; it must not leave anything running. */
  betweenRounds(): Promise<void>;
  onProgress(text: string): void;
}

export async function measure(cells: readonly Measurable[], schedule: Schedule): Promise<Outcome> {
  const recorders = cells.map((cell) => new Recorder(cell));
  schedule.onProgress(`warming up ${cells.length} cells`);
  for (const recorder of recorders) await recorder.warmUp(schedule);
  for (let done = 0; done < schedule.rounds; done++) {
    schedule.onProgress(`round ${done + 1} of ${schedule.rounds}`);
    await schedule.betweenRounds();
    for (const recorder of rotated(recorders, done / schedule.rounds))
      await recorder.takeBatch(schedule, done);
  }
  return {
    results: recorders.filter(({ failure }) => failure === undefined).map((recorder) => recorder.result()),
    failed: recorders.flatMap(({ cell, failure }) =>
      failure === undefined ? [] : [{ name: cell.name, error: failure }],
    ),
  };
}

/** The same order, begun at another place each time, so that nobody always comes after the same neighbour's noise. */
function rotated<T>(items: readonly T[], share: number): T[] {
  const start = Math.floor(items.length * share);
  return [...items.slice(start), ...items.slice(0, start)];
}

class Recorder {
  readonly cell: Measurable;
  failure: string | undefined;
  readonly #samples: number[] = [];
  #elapsedMs = 0;

  constructor(cell: Measurable) {
    this.cell = cell;
  }

  /** As many as there are to be, in a short run too: V8 compiles a path after so many calls, not after so long. */
  async warmUp({ batchMs }: Schedule): Promise<void> {
    const leadIn = this.cell.warmUps;
    if (leadIn > 0) await this.#batch({ leadIn, counted: 0, budgetMs: batchMs * WARM_UP_BATCHES });
  }

  /** Cells of fewer samples than rounds leave rounds out. */
  async takeBatch({ share, rounds, batchMs }: Schedule, roundsBefore: number): Promise<void> {
    const total = Math.ceil(this.cell.samples * share);
    const until = (done: number) => Math.floor((total * done) / rounds);
    const counted = until(roundsBefore + 1) - until(roundsBefore);
    const leadIn = Math.min(LEAD_IN, this.cell.warmUps);
    if (counted > 0) await this.#batch({ leadIn, counted, budgetMs: batchMs });
  }

  async #batch(size: BatchSize): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      const { samples, elapsedMs } = await this.cell.take(size);
      this.#samples.push(...samples);
      this.#elapsedMs += elapsedMs;
    } catch (error) {
      this.failure = messageOf(error);
    }
  }

  result(): Result {
    const { name, unit } = this.cell;
    const distribution = distributionOf(this.#samples);
    const perSecond = round((this.#samples.length * 1000) / this.#elapsedMs);
    return { name, unit, ...distribution, perSecond: unit === 'calls/s' ? distribution.p50 : perSecond };
  }
}

/** A warm-up is a lead-in, which gets a fifth of a batch's time. */
const WARM_UP_BATCHES = 10;
