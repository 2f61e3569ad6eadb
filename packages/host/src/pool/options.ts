// Owns the options of Pool.create that are the pool's own: how many VMs there are, and how long a call waits for one.
import { availableParallelism } from 'node:os';
import { parseTimeoutMs } from '../sandbox/limits.js';
import {
  type ParsedOptions,
  parseOptions,
  type TypedOptions,
  type UntypedOptions,
} from '../sandbox/options.js';

export interface PoolSizes {
  /**
   * How many VMs there are at all times: the same as an equal `min` and `max`. Default: one for each core that this
   * process may use, `os.availableParallelism()`.
   */
  readonly size?: number;
  /** VMs that are always there. Default: 1 if `max` is given. */
  readonly min?: number;
  /** VMs beyond `min` are made when calls wait. Default: one for each core, if `min` is given. */
  readonly max?: number;
  /** A VM beyond `min` that nobody used for so long is closed. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** Calls and contexts that wait for a VM. Default 1,000. */
  readonly maxQueue?: number;
  /** The longest that a call or a context waits for a VM. Its `timeoutMs` may end the wait sooner. Default 10,000. */
  readonly acquireTimeoutMs?: number;
}

/** Those of `Sandbox.create`, and the pool's own. */
export type UntypedPoolOptions = UntypedOptions & PoolSizes;
/** Those of `Sandbox.create`, and the pool's own. */
export type TypedPoolOptions<Imports, Exports, ContextExports = Exports> = TypedOptions<
  Imports,
  Exports,
  ContextExports
> &
  PoolSizes;

/** The options after a look at each. */
export interface ParsedPoolOptions {
  readonly settings: PoolSettings;
  readonly sandbox: ParsedOptions;
}

export interface PoolSettings {
  readonly min: number;
  readonly max: number;
  readonly idleTimeoutMs: number;
  readonly maxQueue: number;
  readonly acquireTimeoutMs: number;
}

const IDLE_TIMEOUT_MS = 30_000;
const QUEUE_MAX = 1_000;
const ACQUIRE_TIMEOUT_MS = 10_000;

const OWN = ['size', 'min', 'max', 'idleTimeoutMs', 'maxQueue', 'acquireTimeoutMs'];

export function parsePoolOptions(given: unknown): ParsedPoolOptions {
  const sandbox = parseOptions(given, OWN);
  const { size, min, max, idleTimeoutMs, maxQueue, acquireTimeoutMs } = given as Record<string, unknown>;
  const settings = {
    ...parseSizes(size, min, max),
    idleTimeoutMs:
      idleTimeoutMs === undefined ? IDLE_TIMEOUT_MS : parseTimeoutMs('idleTimeoutMs', idleTimeoutMs),
    maxQueue: maxQueue === undefined ? QUEUE_MAX : parseMaxQueue(maxQueue),
    acquireTimeoutMs:
      acquireTimeoutMs === undefined
        ? ACQUIRE_TIMEOUT_MS
        : parseTimeoutMs('acquireTimeoutMs', acquireTimeoutMs),
  };
  return { settings, sandbox };
}

function parseSizes(size: unknown, min: unknown, max: unknown): { min: number; max: number } {
  if (size !== undefined) {
    if (min !== undefined || max !== undefined) {
      throw new TypeError('size: it cannot be given together with min or max');
    }
    const count = parseCount('size', size, 1);
    return { min: count, max: count };
  }
  const cores = availableParallelism();
  if (min === undefined && max === undefined) return { min: cores, max: cores };
  const least = min === undefined ? 1 : parseCount('min', min, 0);
  const most = max === undefined ? Math.max(least, cores) : parseCount('max', max, 1);
  if (least > most) throw new RangeError(`max: expected at least min, which is ${least}, got ${most}`);
  return { min: least, max: most };
}

function parseCount(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name}: expected number, got ${typeof value}`);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name}: expected a whole number from ${least} up, got ${value}`);
}

function parseMaxQueue(value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? value : parseCount('maxQueue', value, 0);
}
