// Owns what one call's time is spent on, piece by piece, beside floors of the same run.
import type { CallTotals } from '@hl/host';
import { type Distribution, distributionOf, round } from '../distribution.js';
import type { AddOn, Visit } from './add-on.js';
import type { Profiled } from './cells.js';

/** In microseconds; medians, without what looking at the clock takes. */
export interface Budget {
  /** `await` of an async function that does nothing. */
  readonly emptyAsync: number;
  /** A function of the add-on that finds nothing to do. */
  readonly crossing: number;
  /** From the call to the add-on: checks, and arguments into bytes. */
  readonly encode: number;
  /** In the add-on and, while it waits, in the VM. */
  readonly addOn: number;
  /** Of that in the VM, as the add-on counts it; without host calls. */
  readonly vm: number;
  /** Of that until the VM was awake and the call before it put back. */
  readonly wake: number;
  readonly guest: number;
  /** Between the crossings, where the guest calls the host: values, and the host functions. */
  readonly host: number;
  /** What is left of the add-on's time: crossings and copies. */
  readonly copies: number;
  /** From the add-on to the promise: bytes into values, and the count. */
  readonly decode: number;
  /** From the promise to the caller that awaits it. */
  readonly promise: number;
  /** All but the VM. */
  readonly outside: number;
}

export interface Measured {
  /** The call as it is, unwatched. */
  readonly whole: Distribution;
  readonly budget: Budget;
  /** The part of the watched calls that was answered while the caller waited: only they have pieces, else these are 0. */
  readonly answeredInPlace: number;
}

const ROUNDS = 10;
const WARM_UP_CALLS = 5_000;

/** Leaves the call's path compiled by V8. */
export async function warmUp(cell: Profiled, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  for (let turn = 0; turn < WARM_UP_CALLS && performance.now() < end; turn++) {
    cell.check(await cell.call(turn), turn);
  }
}

export async function measureBudget(cell: Profiled, addOn: AddOn, seconds: number): Promise<Measured> {
  const samples = new Samples();
  const clock = clockMicros();
  const sliceMs = (seconds * 1_000) / ROUNDS / 2;
  let [watched, inPlace] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await whole(cell, sliceMs, samples);
    addOn.watch();
    try {
      const counts = await pieces(cell, addOn, sliceMs, new Clocked(samples, clock));
      watched += counts.watched;
      inPlace += counts.inPlace;
    } finally {
      addOn.unwatch();
    }
    await floors(addOn, new Clocked(samples, clock));
  }
  const outside = samples.p50('whole') - clock - samples.p50('vm');
  return {
    whole: distributionOf(samples.of('whole')),
    budget: { ...samples.medians(), outside: round(Math.max(0, outside)) },
    answeredInPlace: round(inPlace / watched),
  };
}

const PIECES = [
  'emptyAsync',
  'crossing',
  'encode',
  'addOn',
  'vm',
  'wake',
  'guest',
  'host',
  'copies',
  'decode',
  'promise',
] as const;
type Piece = (typeof PIECES)[number];

class Samples {
  readonly #all = new Map<Piece | 'whole', number[]>();

  add(piece: Piece | 'whole', micros: number): void {
    const samples = this.#all.get(piece);
    if (samples === undefined) this.#all.set(piece, [micros]);
    else samples.push(micros);
  }

  of(piece: Piece | 'whole'): readonly number[] {
    return this.#all.get(piece) ?? [];
  }

  p50(piece: Piece | 'whole'): number {
    const samples = this.of(piece);
    return samples.length === 0 ? 0 : Math.max(0, distributionOf(samples).p50);
  }

  medians(): Record<Piece, number> {
    const medians = PIECES.map((piece) => [piece, round(this.p50(piece))] as const);
    return Object.fromEntries(medians) as Record<Piece, number>;
  }
}

/** Takes off what looking at the clock took: these pieces are as short as that. */
class Clocked {
  readonly #samples: Samples;
  readonly #clock: number;

  constructor(samples: Samples, clock: number) {
    this.#samples = samples;
    this.#clock = clock;
  }

  add(piece: Piece, ms: number, looks = 1): void {
    this.#samples.add(piece, ms * 1_000 - looks * this.#clock);
  }
}

/** Once V8 has compiled what looks at it, as it has the rest. */
function clockMicros(): number {
  const samples: number[] = [];
  for (let sample = 0; sample < 10 * FLOOR_SAMPLES; sample++) {
    const first = performance.now();
    samples.push((performance.now() - first) * 1_000);
  }
  return distributionOf(samples.slice(-FLOOR_SAMPLES)).p50;
}

async function whole(cell: Profiled, sliceMs: number, samples: Samples): Promise<void> {
  const end = performance.now() + sliceMs;
  for (let turn = 0; turn === 0 || performance.now() < end; turn++) {
    const startedMs = performance.now();
    const answer = await cell.call(turn);
    samples.add('whole', (performance.now() - startedMs) * 1_000);
    cell.check(answer, turn);
  }
}

async function pieces(
  cell: Profiled,
  addOn: AddOn,
  sliceMs: number,
  samples: Clocked,
): Promise<{ watched: number; inPlace: number }> {
  const end = performance.now() + sliceMs;
  let [watched, inPlace] = [0, 0];
  let before = cell.totals();
  while (watched === 0 || performance.now() < end) {
    addOn.forget();
    const calledMs = performance.now();
    const promise = cell.call(watched);
    const promisedMs = performance.now();
    const answer = await promise;
    const answeredMs = performance.now();
    cell.check(answer, watched);
    const after = cell.totals();
    watched += 1;
    if (!addOn.visit.isPending) {
      inPlace += 1;
      samples.add('encode', addOn.visit.enteredMs - calledMs);
      samples.add('decode', promisedMs - addOn.visit.leftMs);
      samples.add('promise', answeredMs - promisedMs);
      addVisit(samples, addOn.visit, before, after);
    }
    before = after;
  }
  return { watched, inPlace };
}

function addVisit(
  samples: Clocked,
  { enteredMs, leftMs, insideMs, crossings }: Visit,
  before: CallTotals,
  after: CallTotals,
): void {
  const ms = (name: 'micros' | 'hostMicros' | 'wakeMicros' | 'guestMicros') =>
    (after[name] - before[name]) / 1_000;
  const vmMs = ms('micros') - ms('hostMicros');
  samples.add('vm', vmMs, 0);
  samples.add('wake', ms('wakeMicros'), 0);
  samples.add('guest', ms('guestMicros'), 0);
  samples.add('host', leftMs - enteredMs - insideMs, crossings - 1);
  samples.add('addOn', insideMs, crossings);
  samples.add('copies', insideMs - vmMs, crossings);
}

const FLOOR_SAMPLES = 2_000;

async function floors(addOn: AddOn, samples: Clocked): Promise<void> {
  const crossing = addOn.crossing();
  const empty = async () => {};
  for (let sample = 0; sample < FLOOR_SAMPLES; sample++) {
    const startedMs = performance.now();
    await empty();
    const awaitedMs = performance.now();
    crossing();
    const crossedMs = performance.now();
    samples.add('emptyAsync', awaitedMs - startedMs);
    samples.add('crossing', crossedMs - awaitedMs);
  }
}
