// Owns the loop of the fuzzer: seeds, then random changes of them, and what is said meanwhile.
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer } from './answer.ts';
import { descriptor } from './descriptor.ts';
import { Mutator } from './mutation.ts';
import { reply } from './reply.ts';
import type { FuzzTarget } from './target.ts';

export const TARGETS: readonly FuzzTarget[] = [reply, descriptor, answer];

const BETWEEN_LOOKS = 1024;
const REPORT_EVERY_MS = 10_000;

export interface Run {
  readonly target: FuzzTarget;
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  /** With further inputs to begin with. */
  readonly folders: readonly string[];
}

/** How many inputs were run. Rejects with a `BrokenPromise`. */
export async function drive(what: Run, say: (text: string) => void): Promise<number> {
  const { target } = what;
  await target.open?.();
  try {
    return await feed(what, say);
  } finally {
    await target.close?.();
  }
}

async function feed(
  { target, runs, seconds, seed, folders }: Run,
  say: (text: string) => void,
): Promise<number> {
  const corpus = [...target.seeds(), ...folders.flatMap(inputsIn)];
  for (const input of corpus) await run(target, input);
  const mutator = new Mutator(seed, corpus, target.inputBytesMax);
  const started = performance.now();
  let done = corpus.length;
  let report = REPORT_EVERY_MS;
  while (done < runs) {
    for (let index = Math.min(BETWEEN_LOOKS, runs - done); index > 0; index--, done++) {
      const answered = run(target, mutator.next());
      // Most targets are over at once, and then a turn of the queue would cost as much as they do.
      if (answered !== undefined) await answered;
    }
    const elapsed = performance.now() - started;
    if (elapsed < report && done < runs && elapsed < seconds * 1000) continue;
    report = elapsed + REPORT_EVERY_MS;
    const rate = Math.round((done / elapsed) * 1000);
    say(`${target.name}: ${done} runs in ${Math.round(elapsed / 1000)} s, ${rate} a second`);
    if (elapsed >= seconds * 1000) break;
  }
  return done;
}

function run(target: FuzzTarget, input: Uint8Array): Promise<void> | undefined {
  const broken = (error: unknown): never => {
    throw new BrokenPromise(target, input.slice(), error);
  };
  try {
    return target.run(input)?.catch(broken);
  } catch (error) {
    return broken(error);
  }
}

/** What a target threw, with the input that made it do so. */
export class BrokenPromise extends Error {
  readonly input: Uint8Array;

  constructor(target: FuzzTarget, input: Uint8Array, cause: unknown) {
    super(`${target.name} fails for the input ${Buffer.from(input).toString('hex')}`, { cause });
    this.input = input;
  }
}

function inputsIn(folder: string): Uint8Array[] {
  return readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));
}
