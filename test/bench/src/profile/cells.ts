// Owns what can be profiled: one call of a cell of the benchmark, again and again, with its sandbox's own count.
import type { CallTotals } from '@hl/host';
import { check } from '../cells/cell.js';
import { callName, ECHO_BYTES, echoName, hostCallName } from '../cells/names.js';
import type { BenchExports } from '../contestants/contestant.js';
import { createPool, createSandbox } from '../contestants/hyperlight.js';
import { COMPONENT_ENGINES, type ComponentEngine, prepareComponent } from '../guests.js';

/** Host calls in one call: what surrounds them is then next to nothing. */
export const HOST_CALLS = 100;

const STATES = ['context', 'fresh', 'fresh-memory', 'pool'] as const;
type State = (typeof STATES)[number];

interface CellSpec {
  readonly name: string;
  readonly engine: ComponentEngine;
  readonly state: State;
  readonly what: What;
}

/** A call, and whether its answer is right. */
interface What {
  call(exports: BenchExports, turn: number): Promise<unknown>;
  check(answer: unknown, turn: number): void;
}

/** One started guest that is called. */
export interface Profiled {
  /** The next call. */
  call(turn: number): Promise<unknown>;
  /** Throws unless that is the answer of that call. */
  check(answer: unknown, turn: number): void;
  /** Over all calls so far. */
  totals(): CallTotals;
  close(): Promise<void>;
}

export function cellNames(): string[] {
  return [...cells().keys()];
}

/** Builds the guest and starts it. */
export async function startCell(name: string): Promise<Profiled> {
  const { engine, state, what } = cells().get(name)!;
  const { exports, ...rest } = await started(await prepareComponent(engine), state);
  return { call: (turn) => what.call(exports, turn), check: what.check, ...rest };
}

function cells(): Map<string, CellSpec> {
  const specs = COMPONENT_ENGINES.flatMap((engine) => [
    ...STATES.flatMap((state) => callsOf(engine, state)),
    { name: hostCallName('', engine), engine, state: 'context' as const, what: hostCalls },
  ]);
  return new Map(specs.map((spec) => [spec.name, spec]));
}

function callsOf(engine: ComponentEngine, state: State): CellSpec[] {
  const one = (name: string, what: What): CellSpec => ({ name, engine, state, what });
  const calls = [
    one(callName('', state, engine, 'noop'), noop),
    one(callName('', state, engine, 'hello'), hello),
  ];
  if (state !== 'context' && state !== 'fresh') return calls;
  return [...calls, ...ECHO_BYTES.map((bytes) => one(echoName('', state, engine, bytes), echo(bytes)))];
}

const noop: What = {
  call: ({ noop }) => noop(),
  check: (answer) => check('noop', answer, undefined),
};

const hello: What = {
  call: ({ hello }, turn) => hello(`caller ${turn}`),
  check: (answer, turn) => check('hello', answer, `Hello, caller ${turn}!`),
};

const hostCalls: What = {
  call: ({ hostCalls }, turn) => hostCalls(HOST_CALLS, turn),
  check: (answer, turn) => check('hostCalls', answer, turn + HOST_CALLS),
};

function echo(byteCount: number): What {
  const bytes = new Uint8Array(byteCount).map((_, index) => index * 31);
  return {
    call({ echo }, turn) {
      bytes[turn % byteCount] = turn;
      return echo(bytes);
    },
    check(answer) {
      if (Buffer.compare(answer as Uint8Array, bytes) !== 0) throw new Error('echo answered other bytes');
    },
  };
}

interface Started {
  readonly exports: BenchExports;
  totals(): CallTotals;
  close(): Promise<void>;
}

async function started(component: string, state: State): Promise<Started> {
  if (state === 'pool') {
    const pool = await createPool({ engine: 'rust', path: component }, 2);
    return { exports: pool.exports, totals: () => pool.stats, close: () => pool.close() };
  }
  const sandbox = await createSandbox({ component, reset: state === 'fresh-memory' ? 'memory' : 'full' });
  const { exports } = state === 'context' ? await sandbox.context() : sandbox;
  return { exports, totals: () => sandbox.stats, close: () => sandbox.close() };
}
