// Owns cells that need more than one process, or a new one for each sample.
import type { Batch, BatchSize } from '../cells/batch.js';
import type { Unavailable } from '../cells/cell.js';
import type { Entry } from '../contestants/list.js';
import type { Measurable } from '../harness.js';
import type { Job } from './job.js';
import { MeasuringProcess } from './measuring-process.js';

/** What equal processes do at the same time, added up. All of them have one cell. */
export function together(processes: readonly MeasuringProcess[]): Measurable[] {
  const [shape] = processes.map((process) => process.cells()[0]);
  if (shape === undefined) return [];
  return [
    {
      ...shape,
      async take(size) {
        const batches = await Promise.all(processes.map((process) => process.take(0, size)));
        const count = Math.min(...batches.map(({ samples }) => samples.length));
        const sums = Array.from({ length: count }, (_, at) =>
          batches.reduce((sum, { samples }) => sum + samples[at]!, 0),
        );
        return { samples: sums, elapsedMs: Math.max(...batches.map(({ elapsedMs }) => elapsedMs)) };
      },
    },
  ];
}

/** Cells that are sampled once in the life of a process, all of one job in the same one. */
export class OneShot {
  readonly cells: Measurable[];
  readonly unavailable: readonly Unavailable[];
  readonly #entry: Entry;
  readonly #job: Job;
  readonly #taken: Batch[][];
  #ready: MeasuringProcess | undefined;

  private constructor(entry: Entry, job: Job, ready: MeasuringProcess) {
    this.#entry = entry;
    this.#job = job;
    this.#ready = ready;
    this.unavailable = ready.unavailable;
    this.cells = ready.cells().map((shape, cell) => ({ ...shape, take: (size) => this.#take(cell, size) }));
    this.#taken = this.cells.map(() => []);
  }

  static async create(entry: Entry, job: Job): Promise<OneShot> {
    return new OneShot(entry, job, await MeasuringProcess.start(entry, job));
  }

  async #take(cell: number, { counted }: BatchSize): Promise<Batch> {
    const batches: Batch[] = [];
    for (let sample = 0; sample < counted; sample++) {
      if (this.#taken[cell]!.length === 0) await this.#live();
      batches.push(this.#taken[cell]!.shift()!);
    }
    return {
      samples: batches.flatMap(({ samples }) => samples),
      elapsedMs: batches.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    };
  }

  /** One process from start to end, with a sample for each cell. */
  async #live(): Promise<void> {
    const process = this.#ready ?? (await MeasuringProcess.start(this.#entry, this.#job));
    this.#ready = undefined;
    try {
      for (const cell of this.cells.keys()) {
        this.#taken[cell]!.push(await process.take(cell, ONCE));
      }
    } finally {
      await process.close();
    }
  }

  async close(): Promise<void> {
    await this.#ready?.close();
  }
}

const ONCE: BatchSize = { leadIn: 0, counted: 1, budgetMs: Number.POSITIVE_INFINITY };
