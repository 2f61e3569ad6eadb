// Owns what the harness measures: a named cell that gives one sample at a time.

export type Unit = 'us' | 'pages' | 'KiB' | 'calls/s';

/** What is known of a cell before it is measured, wherever it runs. */
export interface CellShape {
  readonly name: string;
  readonly unit: Unit;
  /** Samples in a whole run; fewer where they take long. */
  readonly samples: number;
  /** Before the first round, and not counted. */
  readonly warmUps: number;
}

export interface Cell extends CellShape {
  /** Before each batch of samples. */
  begin?(): Promise<void>;
  /** One measurement in the cell's unit. Throws when an answer is wrong; `turn` goes up with each sample. */
  sample(turn: number): Promise<number>;
  /** After each batch, with the number of its samples: looks at what one sample cannot show. */
  verify?(samples: number): Promise<void>;
}

/** A result that there cannot be, and why. */
export interface Unavailable {
  readonly name: string;
  readonly reason: string;
}

/** Microseconds until `work` has its answer. */
export async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; micros: number }> {
  const started = performance.now();
  const answer = await work();
  return { answer, micros: (performance.now() - started) * 1000 };
}

/** Throws unless the answer is the right one. */
export function check(name: string, answer: unknown, expected: unknown): void {
  if (answer !== expected)
    throw new Error(`${name} answered ${String(answer)} instead of ${String(expected)}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
