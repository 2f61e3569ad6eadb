// Owns the one object that all outputs are made from; its first two fields are what other programs read.
import { cpus, release, totalmem } from 'node:os';
import type { Floors } from '../floors.js';
import type { Outcome } from '../harness.js';

export interface Report extends Outcome {
  /** Medians, in microseconds. */
  readonly floors: { readonly exitUs: number; readonly pingPongUs: number; readonly createUs: number };
  /** Best cases of the same. */
  readonly floorsMin: Report['floors'];
  readonly skipped: readonly { name: string; reason: string }[];
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly kernel: string;
    readonly node: string;
  };
  readonly date: string;
  readonly command: string;
}

export function makeReport(
  outcome: Outcome,
  { exit, pingPong, create }: Floors,
  skipped: Report['skipped'],
  args: readonly string[],
): Report {
  return {
    floors: { exitUs: exit.p50, pingPongUs: pingPong.p50, createUs: create.p50 },
    results: outcome.results,
    failed: outcome.failed,
    skipped,
    floorsMin: { exitUs: exit.min, pingPongUs: pingPong.min, createUs: create.min },
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.versions.node,
    },
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}
