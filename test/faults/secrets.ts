// Owns the rows of what a call leaves behind for the next one, in memory and in registers, here and next door.
import { attackOf, type Ground } from './ground.js';
import { answer, type Row } from './rows.js';

/** A byte of which no sixteen in a row are in the guest's own program. */
const PATTERN = 0x5cn;
const HEAP_PAGES = 1024n;
/** What the guest looks through: its registers before the XSAVE area, and in that the word of which parts are in use. */
const WORDS_BYTES = 15 * 8;
const IN_USE = WORDS_BYTES + 512;

/** Pages that hold the pattern: in the next call, and in a sandbox that is made then. */
async function found(ground: Ground): Promise<bigint[]> {
  const search = async (sandbox: Ground['attacked']): Promise<bigint> =>
    (await attackOf(sandbox.exports, 'Search', [PATTERN, HEAP_PAGES])).value;
  const next = await search(ground.attacked);
  const other = await ground.create();
  try {
    return [next, await search(other)];
  } finally {
    await other.close();
  }
}

/** The answer of an attempt that leaves no register to say more with. */
const raw = (ground: Ground, what: string, a: bigint, b: bigint): Promise<Uint8Array> =>
  ground.attacked.exports.attack(what, a, b, 0n, new Uint8Array());

/** All that the guest can see of its registers; which parts are in use, hypervisors change without it. */
async function registers(ground: Ground): Promise<string> {
  const { more } = await ground.attack('Reveal');
  return Buffer.concat([more.subarray(0, IN_USE), more.subarray(IN_USE + 8)]).toString('hex');
}

/** By their numbers: see `Registers` in the guest's attack.rs. */
const CLASSES = [
  'general registers',
  'flags',
  'segments',
  'base addresses',
  'the x87 stack',
  'MMX registers',
  'XMM registers',
  'MXCSR',
  'YMM registers',
  'ZMM registers',
  'mask registers',
  'protection keys',
  'all protection keys',
];

export const secrets: Row[] = [
  {
    name: 'in all memory that it may write',
    attempt: async (ground) => {
      await raw(ground, 'Fill', PATTERN, HEAP_PAGES);
      return found(ground);
    },
    expected: answer([0n, 0n]),
    // It wrote more than its calls before.
    afterwards: 'either',
  },
  {
    name: 'in its heap, and behind its answer',
    attempt: async (ground) => {
      await ground.attack('Litter', [PATTERN, 64n]);
      return found(ground);
    },
    expected: answer([0n, 0n]),
    afterwards: 'either',
  },
  {
    name: 'in a context, where it stays until that is finished',
    attempt: async (ground) => {
      const during = await ground.inContext(async (context) => {
        await attackOf(context.exports, 'Litter', [PATTERN, 64n]);
        return (await attackOf(context.exports, 'Search', [PATTERN, HEAP_PAGES])).value >= 64n;
      });
      return { during, after: await found(ground) };
    },
    expected: answer({ during: true, after: [0n, 0n] }),
    afterwards: 'either',
  },
  ...CLASSES.map((name, number) => ({
    name: `in ${name}`,
    attempt: async (ground: Ground) => {
      const before = await registers(ground);
      // Rings with an honest answer that it laid before, and with that in its registers.
      await raw(ground, 'Keep', BigInt(number), 0n);
      return (await registers(ground)) === before;
    },
    expected: answer(true),
  })),
];
