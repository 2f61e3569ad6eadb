// Owns the rows of addresses: what ring 3 may not read, write or execute, page by page.
import type { Ground } from './ground.js';
import { answer, fateOf, GP, type Outcome, oneOf, pf, type Row } from './rows.js';

const PAGE = 4096n;
const MiB = 1n << 20n;
const GiB = 1n << 30n;

// The guest's address map: guest-rust/abi/src/layout.rs.
const SYSTEM = 0x10_0000n;
const IMAGE = 0x40_0000n;
/** Of its constants and its code; its data lies in the megabytes behind. */
const TEXT_END = 0x80_0000n;
const IMAGE_END = 0x140_0000n;
const MAILBOX = 0x1000_0000n;
const REQUEST = MAILBOX + 0x1_0000n;
const WINDOW_BYTES = MiB + PAGE;
const REPLY = REQUEST + WINDOW_BYTES;
const MAILBOX_END = REPLY + WINDOW_BYTES;
const STACK_TOP = 0x1800_0000n;
const STACK = STACK_TOP - 2n * MiB;
const TRAP_STACK_TOP = 0x1900_0000n;
const TRAP_STACK = TRAP_STACK_TOP - (128n << 10n);
const HEAP = 0x2000_0000n;
const HEAP_END = HEAP + 4n * MiB;
const CODE = GiB * 4n;
const ARENA = 0x100_0000_0000n;
const UPPER_HALF = 0xffff_8000_0000_0000n;
/** Where a Linux kernel's text lies. */
const KERNEL = 0xffff_ffff_8100_0000n;
const END = 1n << 64n;
/** What one entry of the lowest page table but one, and of the top one, covers. */
const TABLE = 2n * MiB;
const TOP_ENTRY = 1n << 39n;

/** With HL_FAULTS_FULL every page, which takes minutes; else a page of each 2 MiB, another one each time. */
const STRIDE = process.env['HL_FAULTS_FULL'] === undefined ? TABLE + PAGE : PAGE;

type Way = 'Read' | 'Write';
type Stretch = [name: string, from: bigint, to: bigint, step?: bigint];

/** Nothing in them is mapped, or nothing for ring 3. */
const CLOSED: Stretch[] = [
  ['the system pages: descriptor tables, stub, its stack, the I/O bitmap', SYSTEM, SYSTEM + 16n * PAGE],
  ['every page below the image', 0n, IMAGE],
  ['from the image to the mailbox', IMAGE_END, MAILBOX, STRIDE],
  ['from the mailbox to the stack', MAILBOX_END, STACK - PAGE, STRIDE],
  ['the megabyte behind the mailbox', MAILBOX_END, MAILBOX_END + MiB],
  ['the guard pages of both stacks', STACK - 16n * PAGE, STACK],
  ['from the stack to the trap stack', STACK_TOP, TRAP_STACK, STRIDE],
  ['below the trap stack', TRAP_STACK - 16n * PAGE, TRAP_STACK],
  ['from the trap stack to the heap', TRAP_STACK_TOP, HEAP, STRIDE],
  ['from the heap to the end of the first 4 GiB', HEAP_END, 4n * GiB, STRIDE],
  ['guest-physical numbers of memory slots', 0x8000_0000n, 0x8000_0000n + 64n * PAGE],
  ['behind the code', CODE + MiB, CODE + 64n * MiB, STRIDE],
  ['an arena of which nothing is granted', ARENA, ARENA + 256n * PAGE],
  ['every top entry of the lower half', CODE + 4n * GiB, 1n << 47n, TOP_ENTRY],
  ['every top entry of the upper half', UPPER_HALF, END - 1n, TOP_ENTRY],
  ['the last pages', END - 16n * PAGE, END - 1n],
];

/** Ring 3 reads them, and writes none. */
const READ_ONLY: Stretch[] = [
  ['the program and its constants', IMAGE, TEXT_END],
  ["the host's header", MAILBOX, MAILBOX + PAGE],
  ['the request window', REQUEST, REQUEST + WINDOW_BYTES],
  ["the component's code", CODE, CODE + 16n * PAGE],
];

const PAGE_FAULTS = 1n << 14n;

/** How many accesses passed, and whether all others were page faults. */
const sweep =
  (way: Way, [, from, to, step = PAGE]: Stretch): Row['attempt'] =>
  async (ground) => {
    const { value, errorCode } = await ground.attack(way, [from, to, step]);
    return { passed: value, otherExceptions: errorCode & ~PAGE_FAULTS };
  };

const NOTHING = answer({ passed: 0n, otherExceptions: 0n });

const single =
  (way: Way | 'Execute', address: bigint) =>
  async (ground: Ground): Promise<Outcome> =>
    fateOf(await ground.attack(way, [address, address]));

const executed = (name: string, address: bigint, errorCode: number): Row => ({
  name: `executing ${name}`,
  attempt: single('Execute', address),
  expected: pf(errorCode, address),
});

// Error codes: 1, there is a page; 2, a write; 4, ring 3; 16, an instruction.
const singles: Row[] = [
  { name: 'reading address 0', attempt: single('Read', 0n), expected: pf(4, 0n) },
  { name: 'writing a descriptor table', attempt: single('Write', SYSTEM), expected: pf(7, SYSTEM) },
  {
    name: "writing the stub's stack",
    attempt: single('Write', SYSTEM + 4n * PAGE),
    expected: pf(7, SYSTEM + 4n * PAGE),
  },
  {
    name: 'writing the I/O bitmap',
    attempt: single('Write', SYSTEM + 6n * PAGE),
    expected: pf(7, SYSTEM + 6n * PAGE),
  },
  { name: "writing the host's header", attempt: single('Write', MAILBOX), expected: pf(7, MAILBOX) },
  { name: "writing the program's constants", attempt: single('Write', IMAGE), expected: pf(7, IMAGE) },
  { name: "writing the component's code", attempt: single('Write', CODE), expected: pf(7, CODE) },
  { name: 'reading an address that is none', attempt: single('Read', 1n << 47n), expected: GP },
  { name: 'writing an address that is none', attempt: single('Write', UPPER_HALF - 1n), expected: GP },
  { name: 'reading the upper half', attempt: single('Read', KERNEL), expected: pf(4, KERNEL) },
  {
    // The CPU has the page's address before it sees that it is none, or sees that first.
    name: 'executing an address that is none',
    attempt: single('Execute', 1n << 47n),
    expected: oneOf(GP, pf(0x14, 1n << 47n)),
  },
];

export const memory: Row[] = [
  ...CLOSED.map((stretch) => ({
    name: `reading ${stretch[0]}`,
    attempt: sweep('Read', stretch),
    expected: NOTHING,
  })),
  ...READ_ONLY.map((stretch) => ({
    name: `writing any page of ${stretch[0]}`,
    attempt: sweep('Write', stretch),
    expected: NOTHING,
  })),
  ...singles,
  executed('address 0', 0n, 0x14),
  executed('the stub', SYSTEM + 2n * PAGE, 0x15),
  executed('a descriptor table', SYSTEM, 0x15),
  executed("the program's constants", IMAGE, 0x15),
  executed('the heap', HEAP, 0x15),
  executed('the stack', STACK_TOP - PAGE, 0x15),
  executed("the host's header", MAILBOX, 0x15),
  executed("the guest's header", MAILBOX + PAGE, 0x15),
  executed('the request window', REQUEST, 0x15),
  executed('the reply window', REPLY, 0x15),
  executed('the upper half', KERNEL, 0x14),
];
