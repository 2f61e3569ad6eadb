// Owns the rows of the mailbox: lies in each field of a message, messages out of turn, and floods of those in turn.
import { Buffer } from 'node:buffer';
import { Failed, type Forged, headerOf, Kind, scriptOf } from './fate.js';
import { type Ground, LIMITS, SHORT_MS } from './ground.js';
import { answer, breach, type Expected, failure, overLimit, type Row, timeout } from './rows.js';

const PAGE = 4096n;
const HEAP = 0x2000_0000n;
const ARENA = 0x100_0000_0000n;
const ARENA_BYTES = 32n << 40n;
const WINDOW_BYTES = (1 << 20) + 4096;
const U32_MAX = 0xffff_ffff;

/** `Continue`, and whether what the guest asked for was refused. */
const granted = [{ kind: 6, argument: 0, step: 1, payload: '' }];
const refused = [{ kind: 6, argument: 1, step: 1, payload: '' }];

const says = (name: string, message: Forged, expected: Expected): Row => ({
  name,
  attempt: (ground: Ground) => ground.script(message),
  expected,
});

const saysForEver = (name: string, message: Forged, expected: Expected): Row => ({
  name,
  attempt: (ground: Ground) => ground.attackShortly('PostForever', [], headerOf(message)),
  expected,
});

/** By a guest that stays in its VM, where whoever calls looks at what it says: the JavaScript thread must not stay there. */
const saysForEverUnasked = (name: string, message: Forged, expected: Expected): Row => ({
  name: `${name}, without leaving its VM`,
  attempt: async (ground: Ground) => {
    let isFree = false;
    setImmediate(() => {
      isFree = true;
    });
    try {
      return await ground.attackShortly('PostForever', [1n], headerOf(message));
    } catch (error) {
      if (!isFree) throw new Error('the JavaScript thread was held for the whole call', { cause: error });
      throw error;
    }
  },
  expected,
});

/** A flood that its own limit ends has the time that it needs. */
const saysUpToALimit = (name: string, message: Forged, expected: Expected): Row => ({
  name,
  attempt: (ground: Ground) => ground.attack('PostForever', [], headerOf(message)),
  expected,
});

const trap = (message: string): Expected => failure('ERR_HL_TRAP', `attack trapped: ${message}`);
const exit = (status: number): Expected => failure('ERR_HL_TRAP', `attack exited with status ${status}`);
const failed = (argument: number, payload?: Uint8Array, detail = 0): Forged =>
  payload === undefined
    ? { kind: Kind.FAILED, argument, detail }
    : { kind: Kind.FAILED, argument, detail, payload };

/** A text that claims another length than it has, with bytes that are not UTF-8. */
const garbled = (claims: number): Buffer => {
  const bytes = Buffer.from([0, 0, 0, 0, 0x6f, 0x68, 0xff, 0xfe, 0xc0, 0x80]);
  bytes.writeUInt32LE(claims);
  return bytes;
};
const GARBLED = 'oh\ufffd\ufffd\ufffd\ufffd';

const kinds: Row[] = [0, 10, 11, 255, 0x8000_0000, U32_MAX].map((kind) =>
  says(`a message of kind ${kind}`, { kind }, breach(`sent a message of unknown kind ${kind}`)),
);

const numbers: Row[] = [
  ...[1, 2, 0x8000_0000, U32_MAX - 1].map((lead) =>
    says(`an answer ${lead} ahead`, { kind: Kind.RETURNED, lead }, breach('rang without an answer')),
  ),
  {
    // As if it had watched in vain when the message came: that happens.
    name: 'ringing once without an answer',
    attempt: async (ground) => {
      const fate = await ground.attack('Post', [BigInt(U32_MAX)], headerOf({ kind: Kind.RETURNED }));
      return { hostsNumberWentUpBy: fate.address };
    },
    expected: answer({ hostsNumberWentUpBy: 0n }),
  },
  {
    name: 'an answer ahead, watching for what the host makes of it',
    attempt: (ground) =>
      ground.attackShortly('Script', [], scriptOf([{ kind: Kind.RETURNED, lead: 1, posting: 'watches' }])),
    expected: timeout(SHORT_MS),
  },
];

const turns: Row[] = [
  says('ready, during a call', { kind: Kind.READY }, breach('answered out of turn')),
  says(
    'more of a message than there is',
    { kind: Kind.MORE },
    breach('asked for more of a message than there is'),
  ),
  says(
    'the same, without leaving the VM',
    { kind: Kind.MORE, posting: 'watches' },
    breach('asked for more of a message than there is'),
  ),
];

const streams: Row[] = [0, 3, U32_MAX].map((argument) =>
  says(
    `text for stream ${argument}`,
    { kind: Kind.OUTPUT, argument, payload: Buffer.from('x') },
    breach(`printed to stream ${argument}`),
  ),
);

const lengths: Row[] = Object.entries({
  RETURNED: 2,
  FAILED: 3,
  HOST_CALL: 4,
  FLUSH: 6,
  OUTPUT: 7,
  PANIC: 9,
}).flatMap(([name, kind]) =>
  [WINDOW_BYTES + 1, 0x7fff_ffff, U32_MAX].map((claims) =>
    says(
      `${name} of ${claims} bytes`,
      { kind, argument: 1, claims },
      breach(`claims ${claims} bytes in a window of ${WINDOW_BYTES}`),
    ),
  ),
);

const failures: Row[] = [
  ...[0, 8, U32_MAX].map((kind) =>
    says(`a failure of kind ${kind}`, failed(kind), breach(`failed in an unknown way: ${kind}`)),
  ),
  ...[0, 9, U32_MAX].map((detail) =>
    says(`a trap of kind ${detail}`, failed(Failed.TRAP, undefined, detail), trap('')),
  ),
  says('a trap whose text is not UTF-8', failed(Failed.TRAP, garbled(6)), trap(GARBLED)),
  says('a trap whose text claims 4 GiB', failed(Failed.TRAP, garbled(U32_MAX)), trap(GARBLED)),
  says('a trap whose text ends in its length', failed(Failed.TRAP, Buffer.from([1, 0])), trap('')),
  ...[1, 255, U32_MAX].map((status) =>
    says(`an exit with status ${status}`, failed(Failed.EXIT, undefined, status), exit(status)),
  ),
  says(
    'a broken result whose text is not UTF-8',
    failed(Failed.BAD_RESULT, garbled(6)),
    failure('ERR_HL_TRAP', `attack returned a broken value: ${GARBLED}`),
  ),
  says(
    'a failure of loading, during a call',
    failed(Failed.LOAD),
    failure('ERR_HL_COMPONENT_START', 'the component could not be started: '),
  ),
  says(
    'a failed host function that was never called',
    failed(Failed.HOST_FUNCTION),
    failure('ERR_HL_INTERNAL', 'attack: no host function could be called: '),
  ),
  says('a refusal of the request', failed(Failed.BAD_REQUEST), failure('ERR_HL_INTERNAL', 'attack: ')),
  says(
    'a full heap that is none',
    failed(Failed.OUT_OF_MEMORY),
    overLimit('memoryBytes', LIMITS.memoryBytes),
  ),
  says(
    'a panic for want of memory that is none',
    { kind: Kind.PANIC, argument: 1 },
    overLimit('memoryBytes', LIMITS.memoryBytes),
  ),
  says(
    'a panic of an unknown kind',
    { kind: Kind.PANIC, argument: U32_MAX },
    failure('ERR_HL_GUEST_PANIC', 'attack: the program inside the VM failed: '),
  ),
  says(
    'a panic whose text is not UTF-8',
    { kind: Kind.PANIC, payload: Buffer.from([0x6f, 0x68, 0xff, 0xfe]) },
    failure('ERR_HL_GUEST_PANIC', 'attack: the program inside the VM failed: oh\ufffd\ufffd'),
  ),
];

const commit = (address: bigint, length: bigint): Forged => ({ kind: Kind.COMMIT, address, length });

const commits: Row[] = [
  ...(
    [
      ['below the arena', 0n, PAGE],
      ['in the heap', HEAP, PAGE],
      ['just before the arena', ARENA - PAGE, PAGE],
      ['across its begin', ARENA - PAGE, 2n * PAGE],
      ['of no whole page', ARENA, 1n],
      ['at no page', ARENA + 1n, PAGE],
      ['of a page and a byte', ARENA, PAGE + 1n],
      ['of more than the limit', ARENA, 1n << 40n],
      ['behind the arena', ARENA + ARENA_BYTES, PAGE],
      ['across its end', ARENA + ARENA_BYTES - PAGE, 2n * PAGE],
      ['at the last page', -PAGE, PAGE],
      ['of a length that overflows', ARENA, -PAGE],
      ['of everything', -1n, -1n],
    ] as const
  ).map(([where, address, length]) => says(`memory ${where}`, commit(address, length), answer(refused))),
  { ...says('memory in the arena', commit(ARENA, PAGE), answer(granted)), afterwards: 'replaced' },
];

const endless: Row[] = [
  saysUpToALimit(
    'flushes of a megabyte',
    { kind: Kind.FLUSH, claims: 1 << 20 },
    overLimit('maxReplyBytes', LIMITS.maxReplyBytes),
  ),
  saysUpToALimit(
    'output of 64 KiB',
    { kind: Kind.OUTPUT, argument: 1, claims: 1 << 16 },
    overLimit('maxOutputBytes', LIMITS.maxOutputBytes),
  ),
  {
    name: 'host calls',
    attempt: (ground: Ground) =>
      ground.attack('PostForever', [], headerOf({ kind: Kind.HOST_CALL, argument: ground.import('give') })),
    expected: overLimit('maxHostCalls', LIMITS.maxHostCalls),
  },
  saysForEver('flushes of nothing', { kind: Kind.FLUSH }, timeout(SHORT_MS)),
  saysForEver('chunks of eight bytes that never end', { kind: Kind.FLUSH, claims: 8 }, timeout(SHORT_MS)),
  saysForEverUnasked('flushes of nothing', { kind: Kind.FLUSH }, timeout(SHORT_MS)),
  saysForEverUnasked('chunks of eight bytes', { kind: Kind.FLUSH, claims: 8 }, timeout(SHORT_MS)),
  saysForEverUnasked('output of nothing', { kind: Kind.OUTPUT, argument: 2 }, timeout(SHORT_MS)),
  saysForEver('output of nothing', { kind: Kind.OUTPUT, argument: 2 }, timeout(SHORT_MS)),
  { ...saysForEver('the same page', commit(ARENA, PAGE), timeout(SHORT_MS)), afterwards: 'replaced' },
  saysForEver('memory that is refused', commit(0n, PAGE), timeout(SHORT_MS)),
];

const floods = endless.map((row) => ({ ...row, name: `for ever: ${row.name}` }));

export const mailbox: Row[] = [
  ...kinds,
  ...numbers,
  ...turns,
  ...streams,
  ...lengths,
  ...failures,
  ...commits,
  ...floods,
];
