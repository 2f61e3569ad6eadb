// Owns the rows of control flow: software interrupts, selectors, flags, stacks, and what never ends.
import type { Ground } from './ground.js';
import { SHORT_MS } from './ground.js';
import {
  answer,
  breach,
  type Expected,
  exceptionName,
  fateOf,
  GP,
  oneOf,
  pf,
  type Row,
  timeout,
  UD,
} from './rows.js';

const VECTORS = 256;
const TRAPPED = 0x100;
const USER_CODE = 0x33n;
const GENERAL_PROTECTION = 13;

/** What came of `int n` for each n, the same outcomes together: `#GP of its own gate: 0-255`. */
async function interrupts(ground: Ground): Promise<unknown> {
  const { more } = await ground.attack('Interrupts');
  const found: Record<string, number[]> = {};
  for (let vector = 0; vector < VECTORS; vector++) {
    const outcome = more.readUInt32LE(vector * 8);
    const errorCode = more.readUInt32LE(vector * 8 + 4);
    const isOfGate = outcome === TRAPPED + GENERAL_PROTECTION && isGate(vector, errorCode);
    const what = outcome < TRAPPED ? 'nothing' : exceptionName(outcome - TRAPPED);
    const key = isOfGate ? '#GP of its own gate' : errorCode === 0 ? what : `${what} ${errorCode}`;
    found[key] = [...(found[key] ?? []), vector];
  }
  const entries = Object.entries(found).map(([key, vectors]) => [key, ranges(vectors)]);
  return Object.fromEntries(entries);
}

/** CPUs in software count a table's entries of sixteen bytes as two. */
const isGate = (vector: number, errorCode: number): boolean =>
  errorCode === vector * 8 + 2 || errorCode === vector * 16 + 2;

function ranges(numbers: number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}

/** Loads each of these selectors, or goes to them: how many passed. */
const selectors =
  (what: 'FarReturn' | 'LoadSelector', from: bigint, to: bigint, register = 0n): Row['attempt'] =>
  async (ground) => {
    const { value, address, errorCode } = await ground.attack(what, [from, to, register]);
    return { passed: value, first: address, exceptions: errorCode };
  };

const ONLY_GP = 1n << 13n;
const NONE_PASSED = answer({ passed: 0n, first: 0n, exceptions: ONLY_GP });

const iretq =
  (selector: bigint, flags: bigint, stack = 0n): Row['attempt'] =>
  async (ground) =>
    fateOf(await ground.attack('InterruptReturn', [selector, flags, stack]));

/** With the stack pointer there, pushes, or raises an exception that needs no stack of the guest's. */
const stackAt = (pointer: bigint, isUndefined: boolean): Row['attempt'] => {
  return async (ground) => fateOf(await ground.attack('Stack', [pointer, isUndefined ? 1n : 0n]));
};

/** No guest handles it, so it ends the VM; CPUs in software take it for a general one. */
const STACK_FAULT: Expected = {
  pvm: breach('raised exception 12'),
  stock: oneOf(breach('raised exception 12'), GP),
};

const STACKS: [name: string, pointer: bigint, expected: Expected][] = [
  ['at address 0', 0n, pf(6, 0xffff_ffff_ffff_fff8n)],
  ['below the first page', 8n, pf(6, 0n)],
  ["at the stub's", 0x10_5000n, pf(7, 0x10_4ff8n)],
  ['at the I/O bitmap', 0x10_7000n, pf(7, 0x10_6ff8n)],
  ['above its own', 0x1800_1000n, pf(6, 0x1800_0ff8n)],
  ["at the host's header", 0x1000_1000n, pf(7, 0x1000_0ff8n)],
  ["at the program's code", 0x40_1000n, pf(7, 0x40_0ff8n)],
  ['at the lower half’s end', 1n << 47n, pf(6, (1n << 47n) - 8n)],
  ['where no address is', 0x8000_0000_0000n + 8n, STACK_FAULT],
  ['below the upper half', 0xffff_8000_0000_0000n, STACK_FAULT],
  ['at the end', 0xffff_ffff_ffff_fff8n, pf(6, 0xffff_ffff_ffff_fff0n)],
];

/** IOPL 3, IF, NT, RF, VM, VIF, VIP, ID, and all of them; `cli` follows, which none of them may allow. */
const FLAGS = [
  0x3002n,
  0x3202n,
  0x4002n,
  0x1_0002n,
  0x2_0002n,
  0x8_0002n,
  0x10_0002n,
  0x20_0002n,
  0x3f_7cd7n,
];

const forever =
  (what: bigint): Row['attempt'] =>
  (ground) =>
    ground.attackShortly('Forever', [what]);

export const control: Row[] = [
  {
    name: 'int n for every n',
    attempt: interrupts,
    expected: {
      // PVM has synthetic instructions of these numbers: 26 is `cpuid`, which ring 3 may ask anyway.
      pvm: answer({ '#UD': '0-2 5-22 24 27-255', '#BP': '3', '#OF': '4', '#GP': '23 25', nothing: '26' }),
      stock: answer({ '#GP of its own gate': '0-255' }),
    },
  },
  {
    name: 'far returns to every selector below that of user code',
    attempt: selectors('FarReturn', 0n, USER_CODE),
    expected: NONE_PASSED,
  },
  {
    name: 'far returns to every selector above that of user code',
    attempt: selectors('FarReturn', USER_CODE + 1n, 0x200n),
    expected: NONE_PASSED,
  },
  ...FLAGS.map((flags) => ({
    name: `iretq with flags 0x${flags.toString(16)}, then cli`,
    attempt: iretq(USER_CODE, flags),
    expected: GP,
  })),
  { name: 'iretq with the single-step flag, then cli', attempt: iretq(USER_CODE, 0x102n), expected: GP },
  { name: 'iretq to ring 0', attempt: iretq(0x10n, 2n), expected: { exception: '#GP', errorCode: 0x10 } },
  { name: 'iretq to the task', attempt: iretq(0x40n, 2n), expected: { exception: '#GP', errorCode: 0x40 } },
  { name: 'iretq to the local table', attempt: iretq(7n, 2n), expected: { exception: '#GP', errorCode: 4 } },
  { name: 'iretq to no selector', attempt: iretq(0n, 2n), expected: GP },
  {
    // It is not there, or, which comes first, it is no code.
    name: 'iretq to an absent segment',
    attempt: iretq(0x0bn, 2n),
    expected: { pvm: breach('raised exception 11'), stock: { exception: '#GP', errorCode: 8 } },
  },
  {
    name: 'iretq to a stack of ring 0',
    attempt: iretq(USER_CODE, 2n, 0x10n),
    expected: { exception: '#GP', errorCode: 0x10 },
  },
  {
    name: 'iretq to a stack that is code',
    attempt: iretq(USER_CODE, 2n, 0x33n),
    // PVM notices as it enters the guest.
    expected: { pvm: breach('exception 13 inside ring 0'), stock: { exception: '#GP', errorCode: 0x30 } },
  },
  ...STACKS.flatMap(([name, pointer, expected]) => [
    { name: `a push with the stack ${name}`, attempt: stackAt(pointer, false), expected },
    { name: `a trap with the stack ${name}`, attempt: stackAt(pointer, true), expected: UD },
  ]),
  { name: 'jumping for ever', attempt: forever(0n), expected: timeout(SHORT_MS) },
  { name: 'pausing for ever', attempt: forever(1n), expected: timeout(SHORT_MS) },
  { name: 'faulting for ever, with a word in between', attempt: forever(3n), expected: timeout(SHORT_MS) },
  {
    name: 'faulting in the handler of a fault, for ever',
    attempt: (ground) => ground.attack('Forever', [4n]),
    expected: breach('faults again and again while it handles a fault'),
  },
  { name: 'overflowing the stack, for ever', attempt: forever(5n), expected: timeout(SHORT_MS) },
];
