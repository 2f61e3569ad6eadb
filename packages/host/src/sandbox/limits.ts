// Owns the limits of a sandbox: names, defaults, and what may be asked for.
import { GiB, MiB } from '../units.js';

/** All are finite unless `Infinity` is asked for, which only memory does not allow. */
export interface Limits {
  /** The whole call: queue, guest and host functions; counted from the call. Default 10,000. */
  readonly timeoutMs?: number;
  /** The guest's own time on a CPU in one call. Default: none. */
  readonly cpuTimeoutMs?: number;
  /** All memory that the guest can make its VM hold. Default 256 MiB. */
  readonly memoryBytes?: number;
  /** Calls of host functions in one call. Default 10,000. */
  readonly maxHostCalls?: number;
  /** What one call's arguments, or one host function's result, take when encoded. Default 16 MiB. */
  readonly maxRequestBytes?: number;
  /** What one call's result, or the arguments of one host function, may take. Default 16 MiB. */
  readonly maxReplyBytes?: number;
  /** What the guest may write to stdout and stderr in one call. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** Calls that wait for their turn on one sandbox. Default 1,000. */
  readonly maxQueue?: number;
}

export type AllLimits = Required<Limits>;

const DEFAULTS: AllLimits = {
  timeoutMs: 10_000,
  cpuTimeoutMs: Number.POSITIVE_INFINITY,
  memoryBytes: MiB(256),
  maxHostCalls: 10_000,
  maxRequestBytes: MiB(16),
  maxReplyBytes: MiB(16),
  maxOutputBytes: MiB(1),
  maxQueue: 1_000,
};

const MEMORY_BYTES_MIN = MiB(1);
const MEMORY_BYTES_MAX = GiB(64);

/** A sandbox that starts from a snapshot needs at least its memory, and gets that if it is told nothing else. */
export function parseLimits(given: unknown, snapshotBytes?: number): AllLimits {
  const defaults = snapshotBytes === undefined ? DEFAULTS : { ...DEFAULTS, memoryBytes: snapshotBytes };
  if (given === undefined) return defaults;
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`limits: expected object, got ${typeof given}`);
  const limits = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!isLimit(name)) {
      throw new TypeError(`limits.${name}: no such limit; there are ${Object.keys(DEFAULTS).join(', ')}`);
    }
    if (value !== undefined) limits[name] = parseLimit(name, value);
  }
  if (snapshotBytes !== undefined && limits.memoryBytes < snapshotBytes) {
    throw new RangeError(
      `limits.memoryBytes: expected at least what the snapshot needs, ${snapshotBytes}, got ${limits.memoryBytes}`,
    );
  }
  return limits;
}

const isLimit = (name: string): name is keyof AllLimits => Object.hasOwn(DEFAULTS, name);

function parseLimit(name: keyof AllLimits, value: unknown): number {
  if (name === 'timeoutMs' || name === 'cpuTimeoutMs') return parseTimeoutMs(`limits.${name}`, value);
  if (typeof value !== 'number') throw new TypeError(`limits.${name}: expected number, got ${typeof value}`);
  if (name === 'memoryBytes') return parseMemoryBytes(value);
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw new RangeError(`limits.${name}: expected a whole number from 0 up, or Infinity, got ${value}`);
}

function parseMemoryBytes(value: number): number {
  if (Number.isSafeInteger(value) && value >= MEMORY_BYTES_MIN && value <= MEMORY_BYTES_MAX) return value;
  throw new RangeError(`limits.memoryBytes: expected a whole number from MiB(1) to GiB(64), got ${value}`);
}

/** A duration of more than zero, or `Infinity` for none. */
export function parseTimeoutMs(path: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${path}: expected number, got ${typeof value}`);
  if (value > 0) return value;
  throw new RangeError(`${path}: expected more than 0 milliseconds, or Infinity, got ${value}`);
}
