// Owns a sample: what this process holds at one moment, after the garbage is collected.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export interface Sample {
  /** Calls so far. */
  readonly calls: number;
  readonly seconds: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
  readonly anonymousMiB: number;
  /** JavaScript's objects, and the memory of its buffers. */
  readonly heapMiB: number;
  readonly buffersMiB: number;
  /** The control group's, with what the kernel holds for it; undefined where there is none of our own. */
  readonly groupMiB: number | undefined;
  readonly descriptors: number;
  readonly threads: number;
  readonly mappings: number;
}

const MiB = 1 << 20;
/** Closed sandboxes end on threads of their own, and finalizers run between two turns of the loop. */
const SETTLE_MS = 15;

export async function takeSample(
  calls: number,
  seconds: number,
  groupKiB: (() => number) | undefined,
): Promise<Sample> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('the soak needs node --expose-gc');
  for (let round = 0; round < 2; round++) {
    gc();
    await setTimeout(SETTLE_MS);
  }
  gc();
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const { heapUsed, external } = process.memoryUsage();
  return {
    calls,
    seconds,
    rssMiB: fieldMiB(rollup, 'Rss'),
    pssMiB: fieldMiB(rollup, 'Pss'),
    anonymousMiB: fieldMiB(rollup, 'Anonymous'),
    heapMiB: heapUsed / MiB,
    buffersMiB: external / MiB,
    groupMiB: groupKiB === undefined ? undefined : groupKiB() / 1024,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length - 1,
  };
}

function fieldMiB(rollup: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/self/smaps_rollup has no ${name}`);
  return Number(kibibytes) / 1024;
}
