// Owns fairness: every cell is measured in each of several rounds, so that a busy moment of the machine hits all of them.
import type { Cell, Unit } from './cells/cell.js';
import { type Distribution, distributionOf, round } from './distribution.js';

/** At the start of each batch, not counted: the thread and the caches of a sandbox that nobody called for a while. */
const LEAD_IN = 10;

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
  /** Once in each round; it must not leave anything running. */
  betweenRounds(): Promise<void>;
  onProgress(text: string): void;
}

export async function measure(cells: readonly Cell[], schedule: Schedule): Promise<Outcome> {
  const recorders = cells.map((cell) => new Recorder(cell));
  schedule.onProgress(`warming up ${cells.length} cells`);
  for (const recorder of recorders) await recorder.warmUp(schedule.share);
  for (let done = 0; done < schedule.rounds; done++) {
    schedule.onProgress(`round ${done + 1} of ${schedule.rounds}`);
    await schedule.betweenRounds();
    for (const recorder of rotated(recorders, done / schedule.rounds)) await recorder.takeBatch(schedule);
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
  readonly cell: Cell;
  failure: string | undefined;
  readonly #samples: number[] = [];
  #elapsedMs = 0;
  #turn = 0;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  async warmUp(share: number): Promise<void> {
    await this.#batch(Math.ceil(this.cell.warmUps * Math.min(share * 2, 1)), 0);
  }

  async takeBatch({ share, rounds }: Schedule): Promise<void> {
    await this.#batch(Math.min(LEAD_IN, this.cell.warmUps), Math.ceil((this.cell.samples * share) / rounds));
  }

  async #batch(leadIn: number, counted: number): Promise<void> {
    if (this.failure !== undefined) return;
    const { cell } = this;
    try {
      await cell.begin?.();
      for (let taken = 0; taken < leadIn; taken++) await cell.sample(this.#turn++);
      const started = performance.now();
      for (let taken = 0; taken < counted; taken++) this.#samples.push(await cell.sample(this.#turn++));
      this.#elapsedMs += performance.now() - started;
      await cell.verify?.(leadIn + counted);
    } catch (error) {
      this.failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }

  result(): Result {
    const { name, unit } = this.cell;
    const perSecond = round((this.#samples.length * 1000) / this.#elapsedMs);
    return { name, unit, ...distributionOf(this.#samples), perSecond };
  }
}
