// Owns the CPU profile: which functions this thread was in while it made calls.
import { round } from '../distribution.js';
import type { Profiled } from './cells.js';
import type { Inspector } from './inspector.js';
import { type CallFrame, PARTS, type Part, type Place, type Positions } from './positions.js';

export interface FunctionShare {
  readonly name: string;
  readonly at: string;
  /** In the function itself, without those that it calls. */
  readonly microsPerCall: number;
  /** Of this thread's time outside of the add-on, and not idle. */
  readonly share: number;
}

export interface CpuProfile {
  readonly calls: number;
  readonly microsPerCall: number;
  /** By what the time belongs to. */
  readonly parts: readonly { readonly part: Part; readonly microsPerCall: number; readonly share: number }[];
  /** By self time. */
  readonly functions: readonly FunctionShare[];
  /** Means over the same calls, as the sandbox counts them: on whichever thread. */
  readonly counted: {
    readonly queueMicros: number;
    readonly wakeMicros: number;
    readonly guestMicros: number;
    readonly hostMicros: number;
  };
}

/** What the inspector answers; times are in microseconds. */
export interface RawCpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Finer, and taking the samples would be what is seen. */
const INTERVAL_US = 50;
const FUNCTIONS_MAX = 25;

export async function profileCpu(
  cell: Profiled,
  inspector: Inspector,
  positions: Positions,
  seconds: number,
): Promise<{ cpu: CpuProfile; raw: RawCpuProfile }> {
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await inspector.post('Profiler.start');
  const before = cell.totals();
  const startedMs = performance.now();
  let turn = 0;
  for (; turn === 0 || performance.now() < startedMs + seconds * 1_000; turn++) {
    cell.check(await cell.call(turn), turn);
  }
  const micros = (performance.now() - startedMs) * 1_000;
  const after = cell.totals();
  const { profile } = await inspector.post<{ profile: RawCpuProfile }>('Profiler.stop');
  await inspector.post('Profiler.disable');

  const mean = (name: keyof CpuProfile['counted']) => round((after[name] - before[name]) / turn);
  const counted = {
    queueMicros: mean('queueMicros'),
    wakeMicros: mean('wakeMicros'),
    guestMicros: mean('guestMicros'),
    hostMicros: mean('hostMicros'),
  };
  const shares = sharesOf(profile, positions, turn);
  return { cpu: { calls: turn, microsPerCall: round(micros / turn), counted, ...shares }, raw: profile };
}

function sharesOf(profile: RawCpuProfile, positions: Positions, calls: number) {
  const self = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + Math.max(0, profile.timeDeltas[index]!));
  }
  const byPart = new Map<Part, number>();
  const byFunction = new Map<string, Place & { micros: number }>();
  for (const { id, callFrame } of profile.nodes) {
    if (isProfiler(callFrame)) continue;
    const { name, at, part } = positions.placeOf(callFrame);
    const micros = self.get(id) ?? 0;
    byPart.set(part, (byPart.get(part) ?? 0) + micros);
    const key = `${name} ${at}`;
    byFunction.set(key, { name, at, part, micros: micros + (byFunction.get(key)?.micros ?? 0) });
  }
  const outside = [...byPart].filter(([part]) => isOutside(part));
  const all = outside.reduce((sum, [, micros]) => sum + micros, 0);
  const share = (part: Part, micros: number) => ({
    microsPerCall: round(micros / calls),
    share: isOutside(part) ? round(micros / all) : 0,
  });
  return {
    parts: PARTS.map((part) => ({ part, ...share(part, byPart.get(part) ?? 0) })),
    functions: [...byFunction.values()]
      .filter(({ part }) => isOutside(part))
      .sort((left, right) => right.micros - left.micros)
      .slice(0, FUNCTIONS_MAX)
      .map(({ name, at, part, micros }) => ({ name, at, ...share(part, micros) })),
  };
}

/** Its beginning and end, which take longer than many calls. */
function isProfiler({ functionName, url }: CallFrame): boolean {
  return functionName === 'dispatch' && url === '';
}

/** While the thread waits for a VM, or for the event loop, its functions take nothing. */
function isOutside(part: Part): boolean {
  return part !== 'add-on and VM' && part !== 'idle';
}
