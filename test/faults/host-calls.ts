// Owns the rows of host calls: functions that are not imported, arguments that are no values, handles never given.
import { Buffer } from 'node:buffer';
import { type Forged, Kind, scriptOf, text, u32 } from './fate.js';
import { FAILS, type Ground, Thing } from './ground.js';
import { answer, type Expected, failure, type Row } from './rows.js';

/** What the guest hears of a function that it cannot have, or of one that failed. */
const protocol = (message: string): Expected => failure('ERR_HL_PROTOCOL', message);

/** A call of the host function of that name, or of that number. */
type Call = readonly [host: string | number, args: Uint8Array];

const call = (ground: Ground, [host, payload]: Call): Forged => ({
  kind: Kind.HOST_CALL,
  argument: typeof host === 'string' ? ground.import(host) : host,
  payload,
});

/** Makes these calls, and returns as if nothing had happened; tells what reached the host's functions. */
const calls =
  (...made: Call[]): Row['attempt'] =>
  async (ground) => {
    try {
      await ground.script(...made.map((one) => call(ground, one)));
    } catch (error) {
      if (error instanceof Error) error.message += ` [${ground.functions.calls}]`;
      throw error;
    }
    return ground.functions.calls;
  };

/** Where nothing reached the host. */
const unheard = (message: string): Expected => protocol(`${message} []`);

const NO_ARGUMENTS = Buffer.alloc(0);
const named = (name: string): string =>
  `the arguments for hl:hostile/host#${name} are no values of its types:`;

const DROP_THING = '[resource-drop]thing';
const DROP_OTHER = '[resource-drop]other';

/** `heard`: which functions were called before. */
const badArguments: [name: string, host: string, args: Uint8Array, why: string][] = [
  ['no argument', 'ask', NO_ARGUMENTS, '4 bytes expected at 0, 0 there'],
  ['half an argument', 'ask', Buffer.alloc(3), '4 bytes expected at 0, 3 there'],
  ['an argument too many', 'ask', u32(1, 2), '4 bytes too many'],
  ['an argument where there is none', 'wait', u32(1), '4 bytes too many'],
  ['a bool of 2', 'mark', Buffer.from([2, 0x41, 0, 0, 0]), '2 is no bool'],
  ['a surrogate as char', 'mark', Buffer.from([1, 0, 0xd8, 0, 0]), '55296 is no char'],
  ['a string that is not UTF-8', 'say', Buffer.from([2, 0, 0, 0, 0xff, 0xfe]), 'a string at 4 is not UTF-8'],
  ['a string of 4 GiB', 'say', u32(0xffff_ffff), '4294967295 bytes expected at 4, 0 there'],
  ['a list of 2^30 elements', 'count', u32(1 << 30, 1), '1073741824 elements claimed in 4 bytes'],
  ['a list with an element too few', 'count', u32(3, 1, 2), '3 elements claimed in 8 bytes'],
  ['a list with an element too many', 'count', u32(1, 1, 2), '4 bytes too many'],
];

const unknownFunctions: Row[] = [0x7fff_ffff, 0x8000_0000, 0xffff_ffff].map((number) => ({
  name: `host function ${number}`,
  attempt: calls([number, NO_ARGUMENTS]),
  expected: unheard(`host function ${number} was called, and there are 11`),
}));

const handles: Row[] = [
  ...[0, 7, 0xffff_ffff].map((number) => ({
    name: `gives back number ${number}, which was never given`,
    attempt: calls(['take', u32(number)]),
    expected: unheard(`${named('take')} no resource of the host has the number ${number}`),
  })),
  {
    name: 'shows what was never given',
    attempt: calls(['show', u32(1)]),
    expected: unheard(`${named('show')} no resource of the host has the number 1`),
  },
  {
    name: 'drops what was never given',
    attempt: calls([DROP_THING, u32(0)]),
    expected: unheard(`${named(DROP_THING)} no resource of the host has the number 0`),
  },
  {
    name: 'gives back one of another type',
    attempt: calls(['give-other', NO_ARGUMENTS], ['take', u32(0)]),
    expected: protocol(`${named('take')} number 0 is an Other, not a Thing [giveOther]`),
  },
  {
    name: 'shows one of another type',
    attempt: calls(['give-other', NO_ARGUMENTS], ['show', u32(0)]),
    expected: protocol(`${named('show')} number 0 is an Other, not a Thing [giveOther]`),
  },
  {
    name: 'drops one as another type',
    attempt: calls(['give', NO_ARGUMENTS], [DROP_OTHER, u32(0)]),
    expected: protocol(`${named(DROP_OTHER)} number 0 is a Thing, not an Other [give]`),
  },
  {
    name: 'gives back twice',
    attempt: calls(['give', NO_ARGUMENTS], ['take', u32(0)], ['take', u32(0)]),
    expected: protocol(`${named('take')} no resource of the host has the number 0 [give,take]`),
  },
  {
    name: 'drops twice',
    attempt: calls(['give', NO_ARGUMENTS], [DROP_THING, u32(0)], [DROP_THING, u32(0)]),
    expected: protocol(`${named(DROP_THING)} no resource of the host has the number 0 [give]`),
  },
  {
    name: 'shows what it dropped',
    attempt: calls(['give', NO_ARGUMENTS], [DROP_THING, u32(0)], ['show', u32(0)]),
    expected: protocol(`${named('show')} no resource of the host has the number 0 [give]`),
  },
];

/** While the guest has been lent a resource, whose number is 0: makes this call, and tells what was heard. */
const whileLent =
  (made: Call): Row['attempt'] =>
  async (ground) => {
    try {
      const messages = scriptOf([call(ground, made)]);
      await ground.attacked.exports.attackLent('Script', 0n, 0n, 0n, new Thing(), messages);
    } catch (error) {
      if (error instanceof Error) error.message += ` [${ground.functions.calls}]`;
      throw error;
    }
    return ground.functions.calls;
  };

const lent: Row[] = [
  {
    name: 'shows what it was lent, as it may',
    attempt: whileLent(['show', u32(0)]),
    expected: answer(['show']),
  },
  {
    name: 'gives away what it was lent',
    attempt: whileLent(['take', u32(0)]),
    expected: unheard(`${named('take')} number 0 is only lent, and given away`),
  },
  {
    name: 'drops what it was lent',
    attempt: whileLent([DROP_THING, u32(0)]),
    expected: unheard(`${named(DROP_THING)} number 0 is only lent, and given away`),
  },
  {
    name: 'shows what it was lent in the call before',
    attempt: (ground) =>
      ground.inContext(async ({ exports }) => {
        await exports.attackLent('Ping', 0n, 0n, 0n, new Thing(), NO_ARGUMENTS);
        await exports.attack('Script', 0n, 0n, 0n, scriptOf([call(ground, ['show', u32(0)])]));
      }),
    expected: protocol(`${named('show')} no resource of the host has the number 0`),
  },
];

const turns: Row[] = [
  {
    name: 'goes on with host calls after one was refused',
    attempt: calls([99, NO_ARGUMENTS], ['give', NO_ARGUMENTS]),
    expected: unheard('host function 99 was called, and there are 11'),
  },
  {
    name: 'goes on with host calls after one has failed and one was refused',
    attempt: calls(['ask', u32(FAILS)], [99, NO_ARGUMENTS], ['give', NO_ARGUMENTS]),
    expected: unheard('host function 99 was called, and there are 11'),
  },
  {
    name: 'answers before the host function has',
    attempt: async (ground) => {
      const asked: Forged = { ...call(ground, ['wait', NO_ARGUMENTS]), posting: 'pauses' };
      const early: Forged = { kind: Kind.RETURNED, payload: text('early'), lead: 1, posting: 'watches' };
      const found = await ground.attacked.exports.attack('Script', 0n, 0n, 0n, scriptOf([asked, early]));
      return [Buffer.from(found).toString(), ...ground.functions.calls];
    },
    // It is for the guest to say what it answers, and when; its number is right once the function has answered.
    expected: answer(['early', 'wait']),
  },
];

export const hostCalls: Row[] = [
  ...unknownFunctions,
  ...badArguments.map(([name, host, args, why]) => ({
    name: `${host} with ${name}`,
    attempt: calls([host, args]),
    expected: unheard(`${named(host)} ${why}`),
  })),
  ...handles,
  ...lent,
  ...turns,
];
