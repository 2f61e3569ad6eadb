// Owns what a way of running the bench guest must offer to be measured. One file beside this for each of them.
import type { Guest } from '../guests.js';

/** The world of wit/bench.wit, as its caller sees it. */
export interface BenchExports {
  noop(): Promise<void>;
  calls(): Promise<number>;
  hello(name: string): Promise<string>;
  echo(bytes: Uint8Array): Promise<Uint8Array>;
  hostCalls(count: number, seed: number): Promise<number>;
}

export interface Contestant {
  /** Stands before the names of its results; ours have none. */
  readonly prefix: string;
  /** Ready to answer, with everything warm that stays warm between calls. */
  start(guest: Guest): Promise<Subject>;
}

/** One started guest. */
export interface Subject {
  readonly guest: Guest;
  /** Each call finds the guest's state as if it were new. */
  readonly fresh: BenchExports;
  /** Calls find what earlier ones left. */
  readonly context: BenchExports;
  /** How often the state behind `fresh` was made new, once nothing is under way. */
  renewals(): Promise<number>;
  close(): Promise<void>;
}

/** The import that the guest calls. */
export function add(left: number, right: number): number {
  return (left + right) >>> 0;
}
