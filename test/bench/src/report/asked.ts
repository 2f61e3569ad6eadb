// Owns which medians a single call is to reach, in microseconds.
import { callName } from '../cells/names.js';
import { PACED_NAMES } from '../cells/paced.js';
import type { Engine } from '../guests.js';

/** Rust, QuickJS, StarlingMonkey. */
type EachEngine = readonly [number, number, number];

const ENGINES: readonly Engine[] = ['rust', 'quickjs', 'starlingmonkey'];

export const ASKED = {
  contextNoop: [1.5, 2.5, 9],
  contextHello: [2.5, 4.5, 22],
  freshMemoryNoop: [4, 8, 20],
  hostCall: 1.5,
  pacedHello: 8,
} as const satisfies Record<string, EachEngine | number>;

const BY_NAME = new Map<string, number>([
  ...ENGINES.flatMap((engine, index): [string, number][] => [
    [callName('', 'context', engine, 'noop'), ASKED.contextNoop[index]!],
    [callName('', 'context', engine, 'hello'), ASKED.contextHello[index]!],
    [callName('', 'fresh-memory', engine, 'noop'), ASKED.freshMemoryNoop[index]!],
  ]),
  [PACED_NAMES[0]!, ASKED.pacedHello],
]);

/** Undefined where nothing was asked in microseconds. */
export function askedOf(name: string): number | undefined {
  return BY_NAME.get(name);
}

/** What JavaScript's side took in an experiment with nothing but a napi function and shared memory. */
export const GLUE_ASKED: ReadonlyMap<string, number> = new Map([
  ['noop', 0.6],
  ['hello', 1.15],
]);
