// Owns the cells that every contestant can be measured by: calls, in fresh state and in a context.
import type { BenchExports, Subject } from '../contestants/contestant.js';
import { type Cell, check, timed } from './cell.js';
import { callName, echoName, hostCallName, type State } from './names.js';

const SAMPLES = 10_000;
/** Enough for V8 to have compiled a call's path for good. */
const WARM_UPS = 5_000;

/** Host calls within one sample: the call around them is then next to nothing. */
const HOST_CALLS = 100;

/** Names of fresh calls by kind of reset. */
type FreshState = 'fresh' | 'fresh-memory';

export function freshCells(prefix: string, subject: Subject, state: FreshState = 'fresh'): Cell[] {
  const { engine } = subject.guest;
  return [
    freshNoop(callName(prefix, state, engine, 'noop'), subject),
    freshHello(callName(prefix, state, engine, 'hello'), subject),
  ];
}

export function contextCells(prefix: string, { guest: { engine }, context }: Subject): Cell[] {
  return [
    contextNoop(callName(prefix, 'context', engine, 'noop'), context),
    helloCell(callName(prefix, 'context', engine, 'hello'), context),
  ];
}

export function helloCell(name: string, { hello }: BenchExports, settle?: () => Promise<void>): Cell {
  return {
    name,
    unit: 'us',
    samples: SAMPLES,
    warmUps: WARM_UPS,
    async sample(turn) {
      const caller = `caller ${turn}`;
      const { answer, micros } = await timed(() => hello(caller));
      check(name, answer, `Hello, ${caller}!`);
      await settle?.();
      return micros;
    },
  };
}

export function freshHello(name: string, subject: Subject): Cell {
  return renewed(
    helloCell(name, subject.fresh, () => settled(subject)),
    subject,
  );
}

/** It has no answer; that its state is new is asked of the guest. */
function freshNoop(name: string, subject: Subject): Cell {
  const { noop, calls } = subject.fresh;
  const cell: Cell = {
    name,
    unit: 'us',
    samples: SAMPLES,
    warmUps: WARM_UPS,
    async sample() {
      const { micros } = await timed(noop);
      await settled(subject);
      return micros;
    },
    async verify() {
      check(`calls seen by ${name}`, await calls(), 0);
      await settled(subject);
    },
  };
  return renewed(cell, subject);
}

/** The proof of fresh state: it was made new once for each call. */
export function renewed(cell: Cell, subject: Pick<Subject, 'renewals'>): Cell {
  let before = 0;
  return {
    ...cell,
    async begin() {
      before = await subject.renewals();
    },
    async verify(samples) {
      check(`renewals of ${cell.name}`, (await subject.renewals()) - before, samples);
      await cell.verify?.(samples);
    },
  };
}

async function settled(subject: Subject): Promise<void> {
  if (subject.settle) await subject.settle();
}

/** The guest itself counts these. */
function contextNoop(name: string, { noop, calls }: BenchExports): Cell {
  let expected = 0;
  return {
    name,
    unit: 'us',
    samples: SAMPLES,
    warmUps: WARM_UPS,
    sample: async () => (await timed(noop)).micros,
    async verify(samples) {
      expected += samples;
      check(`calls seen by ${name}`, await calls(), expected);
    },
  };
}

/** From 1 MiB on a call takes milliseconds, and where the guest's memory had to grow for it so does the reset. */
const LARGE_BYTES = 1 << 20;

/** Each length needs a subject of its own: one that once wrote a megabyte has more to put back ever after. */
export function echoCells(prefix: string, subject: Subject, byteCount: number): Cell[] {
  const { engine } = subject.guest;
  const fresh = echo(echoName(prefix, 'fresh', engine, byteCount), subject, 'fresh', byteCount);
  return [
    renewed(fresh, subject),
    echo(echoName(prefix, 'context', engine, byteCount), subject, 'context', byteCount),
  ];
}

function echo(name: string, subject: Subject, state: State, byteCount: number): Cell {
  const bytes = new Uint8Array(byteCount).map((_, index) => index * 31);
  const { echo } = subject[state];
  return {
    name,
    unit: 'us',
    samples: byteCount < LARGE_BYTES ? SAMPLES / 2 : 200,
    warmUps: byteCount < LARGE_BYTES ? WARM_UPS : 20,
    async sample(turn) {
      bytes.fill(turn, turn % byteCount, (turn % byteCount) + 16);
      const { answer, micros } = await timed(() => echo(bytes));
      if (Buffer.compare(answer, bytes) !== 0) throw new Error(`${name} answered other bytes`);
      await settled(subject);
      return micros;
    },
  };
}

/** Microseconds for one call that a guest makes to a host function. */
export function hostCallCell(prefix: string, { guest, context }: Subject): Cell {
  const name = hostCallName(prefix, guest.engine);
  return {
    name,
    unit: 'us',
    samples: 1_000,
    warmUps: 100,
    async sample(turn) {
      const { answer, micros } = await timed(() => context.hostCalls(HOST_CALLS, turn));
      check(name, answer, turn + HOST_CALLS);
      return micros / HOST_CALLS;
    },
  };
}
