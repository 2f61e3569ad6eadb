// Owns the allocation profile: how many bytes a call leaves behind for the garbage collector, and who made them.
import { distributionOf, round } from '../distribution.js';
import type { Profiled } from './cells.js';
import type { Inspector } from './inspector.js';
import type { CallFrame, Positions } from './positions.js';

export interface Allocation {
  readonly calls: number;
  /** On the JavaScript heap, with what the caller makes to call and to check. */
  readonly bytesPerCall: number;
  /** Of array buffers, which lie outside of it. */
  readonly bufferBytesPerCall: number;
  /** By what they made themselves. */
  readonly functions: readonly {
    readonly name: string;
    readonly at: string;
    readonly bytesPerCall: number;
  }[];
}

/** What the inspector answers: a tree of functions. */
export interface RawHeapProfile {
  readonly head: HeapNode;
}

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

/** Bytes between two samples, on average. */
const INTERVAL_BYTES = 512;
const FUNCTIONS_MAX = 20;
/** So few calls that the garbage collector mostly waits until they are over. */
const CALLS_UNDISTURBED = 200;

export async function profileHeap(
  cell: Profiled,
  inspector: Inspector,
  positions: Positions,
  seconds: number,
): Promise<{ allocation: Allocation; raw: RawHeapProfile }> {
  const grown = await growth(cell, seconds / 2);
  await inspector.post('HeapProfiler.enable');
  await inspector.post('HeapProfiler.startSampling', {
    samplingInterval: INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  const end = performance.now() + (seconds / 2) * 1_000;
  let calls = 0;
  for (; calls === 0 || performance.now() < end; calls++) cell.check(await cell.call(calls), calls);
  const { profile } = await inspector.post<{ profile: RawHeapProfile }>('HeapProfiler.stopSampling');
  await inspector.post('HeapProfiler.disable');
  return {
    allocation: { calls, ...grown, functions: functionsOf(profile, positions, calls) },
    raw: profile,
  };
}

/** The median over short rounds: in most of them nothing is collected. */
async function growth(
  cell: Profiled,
  seconds: number,
): Promise<{ bytesPerCall: number; bufferBytesPerCall: number }> {
  const end = performance.now() + seconds * 1_000;
  const heap: number[] = [];
  const buffers: number[] = [];
  while (heap.length === 0 || performance.now() < end) {
    const before = process.memoryUsage();
    let calls = 0;
    for (; calls === 0 || (calls < CALLS_UNDISTURBED && performance.now() < end); calls++) {
      cell.check(await cell.call(calls), calls);
    }
    const after = process.memoryUsage();
    heap.push((after.heapUsed - before.heapUsed) / calls);
    buffers.push((after.arrayBuffers - before.arrayBuffers) / calls);
  }
  const median = (samples: readonly number[]) => Math.max(0, Math.round(distributionOf(samples).p50));
  return { bytesPerCall: median(heap), bufferBytesPerCall: median(buffers) };
}

function functionsOf({ head }: RawHeapProfile, positions: Positions, calls: number) {
  const byFunction = new Map<string, { name: string; at: string; bytes: number }>();
  const visit = ({ callFrame, selfSize, children }: HeapNode) => {
    const { name, at } = positions.placeOf(callFrame);
    const key = `${name} ${at}`;
    byFunction.set(key, { name, at, bytes: selfSize + (byFunction.get(key)?.bytes ?? 0) });
    for (const child of children) visit(child);
  };
  visit(head);
  return [...byFunction.values()]
    .filter(({ bytes }) => bytes > 0)
    .sort((left, right) => right.bytes - left.bytes)
    .slice(0, FUNCTIONS_MAX)
    .map(({ name, at, bytes }) => ({ name, at, bytesPerCall: round(bytes / calls) }));
}
