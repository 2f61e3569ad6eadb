// Owns the limits of a sandbox: names, defaults, and what may be asked for.
import { LimitError } from '../errors/classes.js';
import { GiB, KiB, MiB } from '../units.js';

/** All are finite unless `Infinity` is asked for, which only memory does not allow. */
export interface Limits {
  /** The whole call: queue, guest and host functions; counted from the call. Default 10,000. */
  readonly timeoutMs?: number;
  /** The guest's own time on a CPU in one call. Default: none. */
  readonly cpuTimeoutMs?: number;
  /** All memory that the guest can make its VM hold, at least 16 MiB. Default 256 MiB. */
  readonly memoryBytes?: number;
  /** Calls of host functions in one call. Default 10,000. */
  readonly maxHostCalls?: number;
  /** What one call's arguments, or one host function's result, take when encoded. Default 16 MiB. */
  readonly maxRequestBytes?: number;
  /**
   * What one call's result, or the arguments of one host function, may take when encoded; in this process they may take
   * 16 times as much, and 64 KiB, by estimate. Default 16 MiB.
   */
  readonly maxReplyBytes?: number;
  /** What the guest may write to stdout and stderr in one call. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** Resources that the guest holds of the host's, and as many the host of the guest's, in one state. Default 10,000. */
  readonly maxResources?: number;
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
  maxResources: 10_000,
  maxQueue: 1_000,
};

const VALUE_FACTOR = 16;
const VALUE_BYTES_MIN = KiB(64);

/** What the values of one reply may take in this process. */
export const valueBytesMax = (maxReplyBytes: number): number =>
  VALUE_FACTOR * maxReplyBytes + VALUE_BYTES_MIN;

/** Why a reply within `maxReplyBytes` is not made values of. */
export const oversized = (what: string, maxReplyBytes: number): LimitError =>
  new LimitError(
    'maxReplyBytes',
    `${what} would take more than ${valueBytesMax(maxReplyBytes)} bytes in this process, ` +
      `by estimate: ${VALUE_FACTOR} times limits.maxReplyBytes, and 64 KiB; raise it if the guest is trusted with more`,
  );

const MEMORY_BYTES_MIN = MiB(16);
const MEMORY_BYTES_MAX = GiB(64);

/** What the limits have to know of a snapshot that a sandbox starts from. */
export interface Needs {
  readonly memoryBytes: number;
  /** Whose word that is: what it needs beyond the default has to be allowed then. */
  readonly file: string | undefined;
}

/** A sandbox that starts from a snapshot needs at least its memory, and gets that if it is told nothing else. */
export function parseLimits(given: unknown, snapshot?: Needs): AllLimits {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new TypeError(`limits: expected object, got ${given === null ? 'null' : typeof given}`);
  const limits = { ...DEFAULTS, memoryBytes: snapshot?.memoryBytes ?? DEFAULTS.memoryBytes };
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!isLimit(name)) {
      throw new TypeError(`limits.${name}: no such limit; there are ${Object.keys(DEFAULTS).join(', ')}`);
    }
    if (value !== undefined) limits[name] = parseLimit(name, value);
  }
  if (snapshot !== undefined) requireEnough(limits, snapshot, (given as Limits | undefined)?.memoryBytes);
  return limits;
}

function requireEnough({ memoryBytes }: AllLimits, needs: Needs, told: number | undefined): void {
  if (memoryBytes < needs.memoryBytes) {
    throw new RangeError(
      `limits.memoryBytes: expected at least what the snapshot needs, ${needs.memoryBytes}, got ${memoryBytes}`,
    );
  }
  if (told === undefined && needs.file !== undefined && memoryBytes > DEFAULTS.memoryBytes) {
    throw new RangeError(
      `limits.memoryBytes: required, for ${needs.file} says that its snapshot needs ${memoryBytes}, more than the default of ${DEFAULTS.memoryBytes}; if the file may have it, say so`,
    );
  }
}

/** Why a limit cannot be kept here, where that is so. */
const refused = new Map<keyof AllLimits, string>();

/** From now on whoever asks for that limit is told that it cannot be kept; left out, there is none. */
export function refuseLimit(name: keyof AllLimits, why: string): void {
  refused.set(name, why);
}

const isLimit = (name: string): name is keyof AllLimits => Object.hasOwn(DEFAULTS, name);

function parseLimit(name: keyof AllLimits, value: unknown): number {
  const why = refused.get(name);
  if (why !== undefined && value !== Number.POSITIVE_INFINITY) {
    throw new RangeError(
      `limits.${name}: it cannot be kept in this process: ${why}; leave it out, or use @hl/host`,
    );
  }
  if (name === 'timeoutMs' || name === 'cpuTimeoutMs') return parseTimeoutMs(`limits.${name}`, value);
  if (typeof value !== 'number') throw new TypeError(`limits.${name}: expected number, got ${typeof value}`);
  if (name === 'memoryBytes') return parseMemoryBytes(value);
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw new RangeError(`limits.${name}: expected a whole number from 0 up, or Infinity, got ${value}`);
}

function parseMemoryBytes(value: number): number {
  if (Number.isSafeInteger(value) && value >= MEMORY_BYTES_MIN && value <= MEMORY_BYTES_MAX) return value;
  throw new RangeError(`limits.memoryBytes: expected a whole number from MiB(16) to GiB(64), got ${value}`);
}

/** A duration of more than zero, or `Infinity` for none. */
export function parseTimeoutMs(path: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${path}: expected number, got ${typeof value}`);
  if (value > 0) return value;
  throw new RangeError(`${path}: expected more than 0 milliseconds, or Infinity, got ${value}`);
}
