// Owns what a way of running the bench guest must offer to be measured. One file beside this for each of them.
import type { Guest } from '../guests.js';

/** The world of wit/bench.wit, as its caller sees it; without `spin`, which nobody calls unprepared. */
export interface BenchExports {
  noop(): Promise<void>;
  calls(): Promise<number>;
  hello(name: string): Promise<string>;
  echo(bytes: Uint8Array): Promise<Uint8Array>;
  hostCalls(count: number, seed: number): Promise<number>;
}

/** What not everybody can do. */
export type Ability = 'hostCalls' | 'stop';

export interface Contestant {
  /** Stands before the names of its results; ours have none. */
  readonly prefix: string;
  /** What it cannot do, and why. */
  readonly cannot: Readonly<Partial<Record<Ability, string>>>;
  /** Ready to answer, with everything warm that stays warm between calls. */
  start(guest: Guest): Promise<Subject>;
  /** One more sandbox, from what the process keeps for the next one. */
  create(guest: Guest): Promise<Instance>;
  /** One from nothing but files: what `create` keeps is made again. */
  createCold(guest: Guest): Promise<Instance>;
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
  /** Takes away what the last fresh call used: after its answer, before the next one. */
  settle?(): Promise<void>;
  close(): Promise<void>;
}

/** One sandbox with one state. */
export interface Instance {
  readonly exports: BenchExports;
  /** The process that it is, where it is not in ours. */
  readonly pid?: number | undefined;
  /** Calls `spin` with this limit, and comes back when that has ended it. */
  stopSpin?(limitMs: number): Promise<void>;
  /** It answers after `stopSpin`; others are dead then. */
  readonly survivesStop?: boolean;
  close(): Promise<void>;
}

/** The import that the guest calls. */
export function add(left: number, right: number): number {
  return (left + right) >>> 0;
}
