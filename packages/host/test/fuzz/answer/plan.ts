// Owns what an input means: a call, what its guest asks of the host meanwhile, and what it answers, true or not.
import { Numbers } from '../numbers.ts';
import { ANSWERING, type Answering, CALLED, type Called, TOKENS } from './functions.ts';
import type { Shape } from './shapes.ts';
import { Lie, Source, spoiled, Wire } from './wire.ts';

/** What bytes are that mean nothing. */
export const LIE = Symbol('lie');

export interface PlannedCall {
  /** Or a number that no function has. */
  readonly host: Called | number;
  readonly args: Uint8Array;
  /** What the host function is to hear. */
  readonly values: readonly unknown[] | typeof LIE;
}

/** A message that no runtime would send at that moment. */
export interface Forged {
  readonly kind: number;
  readonly argument: number | string;
  readonly detail: number;
  readonly claims: number;
  readonly payload: Uint8Array;
}

/** One call of an export. */
export interface Plan {
  readonly function: Answering;
  readonly isInterface: boolean;
  readonly calls: readonly PlannedCall[];
  readonly reply: Uint8Array;
  /** What the caller is to get, or LIE. */
  readonly value: unknown;
  readonly forged: readonly Forged[];
  /** What comes of it depends on more than these bytes. */
  readonly isOpen: boolean;
}

export interface Scene {
  readonly plans: readonly Plan[];
  /** One after the other from the same state, which then is put back. */
  readonly inContext: boolean;
}

const CALLS_MAX = 4;
const FORGED_MAX = 4;
const PLANS_MAX = 3;

/** What is wrong with a call: of so many inputs, these; the others are honest, and quick. */
const WAYS = 24;
const Way = {
  RANDOM_REPLY: 0,
  SPOILED_REPLY: 1,
  SPOILED_ARGUMENTS: 2,
  RANDOM_ARGUMENTS: 3,
  FORGES: 4,
} as const;
const CONTEXT = 5;
const REPLY_WAYS = [Way.SPOILED_REPLY, Way.RANDOM_REPLY] as const;
const ARGUMENT_WAYS: readonly [number, number] = [Way.SPOILED_ARGUMENTS, Way.RANDOM_ARGUMENTS];
const RANDOM_BYTES_MAX = 48;
/** There are not as many host functions. */
const UNKNOWN = 0x100;

/** The first byte says what is wrong, the second which function answers. */
export function sceneOf(input: Uint8Array): Scene {
  const numbers = new Numbers(input);
  const way = numbers.below(WAYS);
  if (way !== CONTEXT) return { plans: [planOf(numbers, way)], inContext: false };
  const plans: Plan[] = [];
  do plans.push(planOf(numbers, numbers.below(WAYS), numbers.below(2) === 1));
  while (plans.length < PLANS_MAX && !numbers.isOver);
  return { plans, inContext: true };
}

function planOf(numbers: Numbers, way: number, isInterface = false): Plan {
  const functions = isInterface ? TOKENS : ANSWERING;
  const answering = functions[numbers.below(functions.length)]!;
  const { result } = answering;
  const calls = callsOf(numbers, way);
  const forged = way === Way.FORGES ? forgedOf(numbers) : [];
  const reply = bytesOf(result === undefined ? [] : [result], way, REPLY_WAYS, numbers);
  const value = meaningOf(reply, (source) => result?.read(source));
  const isOpen = answering.hasHandles || calls.some(hasHandles);
  return { function: answering, isInterface, calls, reply, value, forged, isOpen };
}

const hasHandles = ({ host }: PlannedCall): boolean => typeof host === 'object' && host.hasHandles;

function callsOf(numbers: Numbers, way: number): PlannedCall[] {
  const isWrong = way === Way.SPOILED_ARGUMENTS || way === Way.RANDOM_ARGUMENTS;
  // Most guests make none.
  const count = Math.max(numbers.below(3 * CALLS_MAX) - 2 * CALLS_MAX, isWrong ? 1 : 0);
  const wrong = isWrong ? numbers.below(count) : undefined;
  return Array.from({ length: count }, (_, index) =>
    callOf(numbers, index === wrong ? way : Number.POSITIVE_INFINITY),
  );
}

function callOf(numbers: Numbers, way: number): PlannedCall {
  const isWrong = ARGUMENT_WAYS.includes(way);
  const host = CALLED[numbers.below(CALLED.length + (isWrong ? 1 : 0))];
  if (host === undefined)
    return { host: (numbers.u32() | UNKNOWN) >>> 0, args: numbers.bytes(4), values: LIE };
  const args = bytesOf(host.params, way, ARGUMENT_WAYS, numbers);
  return { host, args, values: meaningOf(args, (source) => host.params.map((param) => param.read(source))) };
}

/** Values of these types, unless they are to be spoiled, or random altogether. */
function bytesOf(
  shapes: readonly Shape[],
  way: number,
  [spoils, isRandom]: readonly [number, number],
  numbers: Numbers,
): Uint8Array {
  if (way === isRandom) return numbers.bytes(numbers.below(RANDOM_BYTES_MAX));
  const wire = new Wire();
  for (const shape of shapes) shape.lay(wire, numbers);
  const right = wire.bytes();
  return way === spoils ? spoiled(right, numbers) : right;
}

function meaningOf<T>(bytes: Uint8Array, read: (source: Source) => T): T | typeof LIE {
  const source = new Source(bytes);
  try {
    const value = read(source);
    source.end();
    return value;
  } catch (error) {
    if (error instanceof Lie) return LIE;
    throw error;
  }
}

/** See guest-rust/abi. */
const Kind = { RETURNED: 2, FAILED: 3, HOST_CALL: 4, OUTPUT: 7, PANIC: 9 } as const;
const KINDS = [4, 4, 4, 4, 7, 7, 7, 7, 3, 3, 2, 2, 9, 6, 8, 1];

/** A refused request and a failed host function are failures of the host's: that a guest may say so is known. */
const FAILURES = [1, 1, 1, 3, 5, 6, 7, 0, 8, 0xffff_ffff];

function forgedOf(numbers: Numbers): Forged[] {
  const forged: Forged[] = [];
  do forged.push(message(numbers));
  while (forged.length < FORGED_MAX && numbers.below(2) === 1);
  return forged;
}

function message(numbers: Numbers): Forged {
  const choice = numbers.u8();
  const kind = choice === 0xff ? numbers.u32() : KINDS[choice % KINDS.length]!;
  const detail = numbers.below(12);
  if (kind === Kind.HOST_CALL) {
    const { host, args } = callOf(numbers, numbers.below(2 * WAYS));
    const argument = typeof host === 'number' ? host : host.name;
    return { kind, argument, detail, claims: args.length, payload: args };
  }
  const payload = numbers.bytes(numbers.below(48));
  const claims = choice === 0xfe ? numbers.u32() : payload.length;
  const argument =
    kind === Kind.FAILED
      ? FAILURES[numbers.below(FAILURES.length)]!
      : 1 + numbers.below(choice > 0xf0 ? 4 : 2);
  return { kind, argument, detail, claims, payload };
}
