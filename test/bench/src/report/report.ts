// Owns the one object that all outputs are made from; its first two fields are what other programs read.
import { cpus, release, totalmem } from 'node:os';
import type { Unavailable } from '../cells/cell.js';
import type { Floors } from '../floors.js';
import type { Outcome } from '../harness.js';
import { Figures } from './figures.js';
import { type TargetRow, targetRows } from './targets.js';

/** In microseconds. */
export interface FloorFigures {
  readonly exitUs: number;
  readonly pingPongUs: number;
  readonly createUs: number;
  /** 1 MiB. */
  readonly memcpyUs: number;
}

export interface Report extends Outcome {
  /** Medians. */
  readonly floors: FloorFigures;
  /** Best cases of the same. */
  readonly floorsMin: FloorFigures;
  /** Results that there are not, by name or by names with `*`. */
  readonly skipped: readonly Unavailable[];
  readonly targets: readonly TargetRow[];
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
  floors: Floors,
  skipped: Report['skipped'],
  args: readonly string[],
): Report {
  const medians = floorFigures(floors, 'p50');
  return {
    floors: medians,
    results: outcome.results,
    failed: outcome.failed,
    skipped,
    targets: targetRows(medians, new Figures({ ...outcome, skipped })),
    floorsMin: floorFigures(floors, 'min'),
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

function floorFigures({ exit, pingPong, create, memcpy }: Floors, which: 'p50' | 'min'): FloorFigures {
  return {
    exitUs: exit[which],
    pingPongUs: pingPong[which],
    createUs: create[which],
    memcpyUs: memcpy[which],
  };
}
