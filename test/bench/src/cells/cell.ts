// Owns what the harness measures: a named cell that gives one sample at a time.

export type Unit = 'us' | 'pages';

export interface Cell {
  readonly name: string;
  readonly unit: Unit;
  /** Samples in a whole run. */
  readonly samples: number;
  /** Before the first round, and not counted. */
  readonly warmUps: number;
  /** Before each batch of samples. */
  begin?(): Promise<void>;
  /** One measurement in the cell's unit. Throws when an answer is wrong; `turn` goes up with each sample. */
  sample(turn: number): Promise<number>;
  /** After each batch, with the number of its samples: looks at what one sample cannot show. */
  verify?(samples: number): Promise<void>;
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
