// Owns the cells that every contestant can be measured by: calls, in fresh state and in a context.
import type { BenchExports, Subject } from '../contestants/contestant.js';
import { type Cell, check, timed } from './cell.js';

const SAMPLES = 4_000;
const WARM_UPS = 200;

/** Host calls within one sample: the call around them is then next to nothing. */
const HOST_CALLS = 100;

export function callCells(prefix: string, subject: Subject): Cell[] {
  const { engine } = subject.guest;
  return [
    freshNoop(`${prefix}call/fresh/${engine}/noop`, subject),
    helloCell(`${prefix}call/fresh/${engine}/hello`, subject.fresh),
    contextNoop(`${prefix}call/context/${engine}/noop`, subject.context),
    helloCell(`${prefix}call/context/${engine}/hello`, subject.context),
  ];
}

export function helloCell(name: string, { hello }: BenchExports): Cell {
  return {
    name,
    unit: 'us',
    samples: SAMPLES,
    warmUps: WARM_UPS,
    async sample(turn) {
      const caller = `caller ${turn}`;
      const { answer, micros } = await timed(() => hello(caller));
      check(name, answer, `Hello, ${caller}!`);
      return micros;
    },
  };
}

/** It has no answer, so its proof is that the state was renewed once for each call, and is new. */
function freshNoop(name: string, subject: Subject): Cell {
  const { noop, calls } = subject.fresh;
  let renewalsBefore = 0;
  return {
    name,
    unit: 'us',
    samples: SAMPLES,
    warmUps: WARM_UPS,
    async begin() {
      renewalsBefore = await subject.renewals();
    },
    sample: async () => (await timed(noop)).micros,
    async verify(samples) {
      check(`renewals of ${name}`, (await subject.renewals()) - renewalsBefore, samples);
      check(`calls seen by ${name}`, await calls(), 0);
    },
  };
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

export function echoCells(prefix: string, subject: Subject, byteCount: number): Cell[] {
  return [
    echo(`${prefix}call/echo/${byteCount}`, subject.fresh, byteCount),
    echo(`${prefix}call/context/${subject.guest.engine}/echo/${byteCount}`, subject.context, byteCount),
  ];
}

function echo(name: string, { echo }: BenchExports, byteCount: number): Cell {
  const bytes = new Uint8Array(byteCount).map((_, index) => index * 31);
  return {
    name,
    unit: 'us',
    samples: byteCount < LARGE_BYTES ? SAMPLES / 2 : 50,
    warmUps: byteCount < LARGE_BYTES ? WARM_UPS : 3,
    async sample(turn) {
      bytes.fill(turn, turn % byteCount, (turn % byteCount) + 16);
      const { answer, micros } = await timed(() => echo(bytes));
      if (Buffer.compare(answer, bytes) !== 0) throw new Error(`${name} answered other bytes`);
      return micros;
    },
  };
}

/** Microseconds for one call that a guest makes to a host function. */
export function hostCallCell(prefix: string, subject: Subject): Cell {
  const name = `${prefix}host-call/sync`;
  return {
    name,
    unit: 'us',
    samples: 200,
    warmUps: 10,
    async sample(turn) {
      const { answer, micros } = await timed(() => subject.context.hostCalls(HOST_CALLS, turn));
      check(name, answer, turn + HOST_CALLS);
      return micros / HOST_CALLS;
    },
  };
}
