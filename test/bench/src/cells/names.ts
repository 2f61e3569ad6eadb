// Owns the names of results. Ours have no prefix; four of them are older than the other contestants, and shorter.
import type { Engine } from '../guests.js';

export type State = 'fresh' | 'context';

/** Fresh by another kind of reset, from a base state after a first call, or in a pool: ours only. */
export type CallState = State | 'fresh-memory' | 'fresh-warmed' | 'pool';

export const ECHO_BYTES = [128, 1_024, 4_096, 65_536, 1 << 20] as const;

export function callName(prefix: string, state: CallState, engine: Engine, what: string): string {
  return `${prefix}call/${state}/${engine}/${what}`;
}

export function echoName(prefix: string, state: State, engine: Engine, byteCount: number): string {
  const isOld = prefix === '' && state === 'fresh' && engine === 'rust';
  return isOld ? `call/echo/${byteCount}` : callName(prefix, state, engine, `echo/${byteCount}`);
}

export function hostCallName(prefix: string, engine: Engine): string {
  return prefix === '' && engine === 'rust' ? 'host-call/sync' : `${prefix}host-call/${engine}`;
}

export function firstAnswerName(prefix: string, engine: Engine): string {
  const isOld = prefix === '' && engine === 'quickjs';
  return `${prefix}create/first-answer${isOld ? '' : `/${engine}`}`;
}

export function stopName(prefix: string, engine: Engine): string {
  return `${prefix}stop/${engine}`;
}

/** `by` is how the cores were kept busy. */
export function allCoresName(prefix: string, by: 'processes' | 'sandboxes' | 'pool', engine: Engine): string {
  return `${prefix}all-cores/${by}/${engine}/hello`;
}

export function memoryName(prefix: string, counted: 'rss' | 'total', engine: Engine): string {
  return `${prefix}memory/${counted}/${engine}`;
}
