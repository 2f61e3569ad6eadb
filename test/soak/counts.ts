// Owns what the soak counts, and how each answer is checked: a call that answers something else ends the run.
import { isDeepStrictEqual } from 'node:util';

export class Counts {
  calls = 0;
  cycles = 0;
  timeouts = 0;
  cancels = 0;
  traps = 0;
  contexts = 0;
  hostCalls = 0;
  resources = 0;
  programs = 0;
  pools = 0;
  snapshots = 0;

  /** A call that must answer so. */
  async call(made: Promise<unknown>, expected: unknown): Promise<void> {
    const answer = await made;
    this.calls++;
    if (!isDeepStrictEqual(answer, expected))
      throw new Error(`answered ${short(answer)}, not ${short(expected)}`);
  }

  /** A call whose answer the caller looks at. */
  async answer<T>(made: Promise<T>): Promise<T> {
    const answer = await made;
    this.calls++;
    return answer;
  }

  /** A call that must fail with that code. */
  async failure(made: Promise<unknown>, code: string): Promise<void> {
    const outcome = await made.then(
      (value) => `an answer, ${short(value)}`,
      (error: unknown) => (hasCode(error, code) ? undefined : error),
    );
    this.calls++;
    if (outcome !== undefined)
      throw new Error(`expected ${code}, got ${String(outcome)}`, { cause: outcome });
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return String(text).slice(0, 80);
}
