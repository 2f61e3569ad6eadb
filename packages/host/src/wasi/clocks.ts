// Owns `wasi:clocks` as imports: the host's clocks, or those that the user set.
import { datetime } from './filesystem/stat.js';
import { moment, Pollable } from './waiting.js';

/** What a guest is told of time: the host's clocks, the moment of creation for ever, or milliseconds since 1970. */
export type Clocks = 'real' | 'frozen' | { now(): number };

const NS_PER_MS = 1_000_000;
const RESOLUTION_NS = 1n;

interface Readings {
  wallNs(): bigint;
  monotonicNs(): bigint;
}

export function clockInterfaces(clocks: Clocks): Record<string, object> {
  const readings = readingsOf(clocks);
  return {
    'wasi:clocks/wall-clock': {
      now: () => datetime(readings.wallNs()) ?? { seconds: 0n, nanoseconds: 0 },
      resolution: () => datetime(RESOLUTION_NS),
    },
    'wasi:clocks/monotonic-clock': {
      now: () => readings.monotonicNs(),
      resolution: () => RESOLUTION_NS,
      // To wait takes real time, whatever the guest's clocks say.
      subscribeInstant: (when: bigint) => after(when - readings.monotonicNs()),
      subscribeDuration: (when: bigint) => after(when),
    },
  };
}

const after = (ns: bigint): Pollable => new Pollable(moment(process.hrtime.bigint() + (ns > 0n ? ns : 0n)));

function readingsOf(clocks: Clocks): Readings {
  if (clocks === 'real') {
    return { wallNs: () => toNs(Date.now()), monotonicNs: () => process.hrtime.bigint() };
  }
  if (clocks === 'frozen') {
    const [wallNs, monotonicNs] = [toNs(Date.now()), process.hrtime.bigint()];
    return { wallNs: () => wallNs, monotonicNs: () => monotonicNs };
  }
  return ofUser(clocks);
}

/** The monotonic clock is as old as the first reading, and never goes back. */
function ofUser(clocks: { now(): number }): Readings {
  const wallNs = (): bigint => {
    const ms: unknown = clocks.now();
    if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return toNs(ms);
    throw new RangeError(`wasi.clocks.now: expected milliseconds since 1970, got ${String(ms)}`);
  };
  let startNs: bigint | undefined;
  let latestNs = 0n;
  return {
    wallNs,
    monotonicNs() {
      const now = wallNs();
      startNs ??= now;
      if (now - startNs > latestNs) latestNs = now - startNs;
      return latestNs;
    },
  };
}

const toNs = (ms: number): bigint => BigInt(Math.round(ms * NS_PER_MS));
