// Owns the rows of results: bytes that are no value of the function's type, and what is a value though it looks odd.
import { Buffer } from 'node:buffer';
import { exportKey, text, u32 } from './fate.js';
import type { Ground } from './ground.js';
import { answer, type Expected, failure, type Row } from './rows.js';

/** The function `answer-TYPE` answers these bytes. */
type Lie = [type: string, name: string, bytes: Uint8Array, why: string];

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const NOTHING = bytes();

const LIES: Lie[] = [
  ['bool', '2', bytes(2), '2 is no bool'],
  ['bool', '255', bytes(255), '255 is no bool'],
  ['bool', 'nothing', NOTHING, '1 bytes expected at 0, 0 there'],
  ['bool', 'two of them', bytes(1, 1), '1 bytes too many'],
  ['char', 'the first surrogate', u32(0xd800), '55296 is no char'],
  ['char', 'the last surrogate', u32(0xdfff), '57343 is no char'],
  ['char', 'the first number behind Unicode', u32(0x11_0000), '1114112 is no char'],
  ['char', '2^32 - 1', u32(0xffff_ffff), '4294967295 is no char'],
  ['char', 'one byte', bytes(0x41), '4 bytes expected at 0, 1 there'],
  ['u8', 'two bytes', bytes(1, 0), '1 bytes too many'],
  ['s16', 'one byte', bytes(1), '2 bytes expected at 0, 1 there'],
  ['u64', 'seven bytes', Buffer.alloc(7), '8 bytes expected at 0, 7 there'],
  ['f64', 'nine bytes', Buffer.alloc(9), '1 bytes too many'],
  ['string', 'no length', bytes(1, 0), '4 bytes expected at 0, 2 there'],
  ['string', 'of 4 GiB', u32(0xffff_ffff), '4294967295 bytes expected at 4, 0 there'],
  [
    'string',
    'a byte longer than it is',
    Buffer.concat([u32(3), bytes(0x61, 0x62)]),
    '3 bytes expected at 4, 2 there',
  ],
  ['string', 'with bytes behind it', Buffer.concat([text('ab'), bytes(0)]), '1 bytes too many'],
  ['string', 'with a byte that begins nothing', utf8(0xff), 'a string at 4 is not UTF-8'],
  ['string', 'that ends in the middle of a character', utf8(0xe2, 0x82), 'a string at 4 is not UTF-8'],
  ['string', 'with an overlong NUL', utf8(0xc0, 0x80), 'a string at 4 is not UTF-8'],
  ['string', 'with an overlong slash', utf8(0xe0, 0x80, 0xaf), 'a string at 4 is not UTF-8'],
  ['string', 'with a surrogate', utf8(0xed, 0xa0, 0x80), 'a string at 4 is not UTF-8'],
  ['string', 'with a number behind Unicode', utf8(0xf4, 0x90, 0x80, 0x80), 'a string at 4 is not UTF-8'],
  [
    'string',
    'a long one with one wrong byte at its end',
    Buffer.concat([u32(65), Buffer.alloc(64, 0x61), bytes(0x80)]),
    'a string at 4 is not UTF-8',
  ],
  ['strings', 'more than there are', u32(2, 0), '2 elements claimed in 4 bytes'],
  ['strings', '2^32 - 1 of them', u32(0xffff_ffff), '4294967295 elements claimed in 0 bytes'],
  [
    'strings',
    'the second not UTF-8',
    Buffer.concat([u32(2), text('a'), utf8(0xc3)]),
    'a string at 13 is not UTF-8',
  ],
  ['numbers', '2^30 of them', u32(1 << 30), '1073741824 elements claimed in 0 bytes'],
  ['numbers', 'one and a half', Buffer.concat([u32(2, 1), bytes(1, 2)]), '2 elements claimed in 6 bytes'],
  ['long-numbers', '2^29 of them', u32(1 << 29), '536870912 elements claimed in 0 bytes'],
  ['chars', 'one a surrogate', u32(2, 0x41, 0xdc00), '56320 is no char'],
  ['bools', 'one of 3', Buffer.concat([u32(2), bytes(1, 3)]), '3 is no bool'],
  ['nested', '2^32 - 1 lists in a list', u32(1, 0xffff_ffff), '4294967295 elements claimed in 0 bytes'],
  ['nested', 'a list that takes its neighbour’s bytes', u32(1, 2, 4, 1), '4 bytes expected at 16, 0 there'],
  ['flags-list', '16 million of them', u32(1 << 24), '16777216 elements claimed in 0 bytes'],
  ['pair', 'its first half', bytes(1), '4 bytes expected at 1, 0 there'],
  ['point', 'its bool of 9', Buffer.concat([u32(5), bytes(9)]), '9 is no bool'],
  ['point', 'without its bool', u32(5), '1 bytes expected at 4, 0 there'],
  ['maybe', 'case 2', bytes(2), 'option discriminant 2'],
  ['maybe', 'none, with a value', Buffer.concat([bytes(0), u32(1)]), '4 bytes too many'],
  ['maybe', 'some, without a value', bytes(1), '4 bytes expected at 1, 0 there'],
  ['maybe-bool', 'some of 2', bytes(1, 2), '2 is no bool'],
  ['either', 'case 2', bytes(2), 'result discriminant 2'],
  [
    'either',
    'an error that is not UTF-8',
    Buffer.concat([bytes(1), utf8(0xff)]),
    'a string at 5 is not UTF-8',
  ],
  [
    'either',
    'an error with bytes behind it',
    Buffer.concat([bytes(1), text('no'), bytes(0)]),
    '1 bytes too many',
  ],
  ['plain-either', 'case 255', bytes(255), 'result discriminant 255'],
  ['plain-either', 'with a value', Buffer.concat([bytes(0), u32(1)]), '4 bytes too many'],
  ['color', 'case 3 of 3', bytes(3), 'case 3 of 3'],
  ['color', 'case 255', bytes(255), 'case 255 of 3'],
  ['shape', 'case 3 of 3', bytes(3), 'case 3 of 3'],
  ['shape', 'a circle without its number', bytes(1), '4 bytes expected at 1, 0 there'],
  ['shape', 'a dot with a number', Buffer.concat([bytes(0), u32(1)]), '4 bytes too many'],
  ['access', 'nothing', NOTHING, '1 bytes expected at 0, 0 there'],
  ['access', 'as wide as a word', u32(1), '3 bytes too many'],
  ['wide-flags', 'half as wide as they are', bytes(1, 0), '4 bytes expected at 0, 2 there'],
  ['thing', 'a number that was never given', u32(0), 'no resource of the host has the number 0'],
  ['thing', '2^32 - 1', u32(0xffff_ffff), 'no resource of the host has the number 4294967295'],
];

/** A string of these bytes. */
function utf8(...values: number[]): Buffer {
  return Buffer.concat([u32(values.length), bytes(...values)]);
}

/** Odd, and values all the same. */
const VALUES: [type: string, name: string, bytes: Uint8Array, value: unknown][] = [
  ['f64', 'a NaN with a payload', Buffer.from([1, 2, 3, 4, 5, 6, 0xf8, 0xff]), Number.NaN],
  ['string', 'with NUL and the last character', utf8(0, 0xf4, 0x8f, 0xbf, 0xbf), '\0\u{10ffff}'],
  ['char', 'the last one', u32(0x10_ffff), '\u{10ffff}'],
  // The canonical ABI ignores them, too.
  ['access', 'flags that there are not', bytes(0xf9), { read: true, write: false, append: false }],
];

const answered =
  (type: string, reply: Uint8Array): Row['attempt'] =>
  (ground) =>
    ground.attacked.exports[exportKey(`answer-${type}`)](reply);

const protocol = (name: string, why: string): Expected =>
  failure('ERR_HL_PROTOCOL', `the result of ${name} is no value of its type: ${why}`);

const tokens =
  (name: 'make' | 'many', ...replies: Uint8Array[]): Row['attempt'] =>
  (ground: Ground) =>
    ground.inContext(async (context) => {
      for (const reply of replies) await context.exports.tokens[name](reply);
    });

/** Numbers of the component's own resources, in a context, which ends with them. */
const TOKENS: Row[] = [
  {
    name: 'a resource whose number the host holds already',
    attempt: tokens('make', u32(5), u32(5)),
    expected: protocol('hl:hostile/tokens#make', 'number 5 was handed out twice'),
  },
  {
    name: 'two resources of one number',
    attempt: tokens('many', u32(2, 1, 1)),
    expected: protocol('hl:hostile/tokens#many', 'number 1 was handed out twice'),
  },
  {
    name: '2^30 resources',
    attempt: tokens('many', u32(1 << 30)),
    expected: protocol('hl:hostile/tokens#many', '1073741824 elements claimed in 0 bytes'),
  },
];

export const values: Row[] = [
  ...LIES.map(([type, name, reply, why]) => ({
    name: `${type}: ${name}`,
    attempt: answered(type, reply),
    expected: protocol(`answer-${type}`, why),
  })),
  ...VALUES.map(([type, name, reply, value]) => ({
    name: `${type}: ${name}`,
    attempt: answered(type, reply),
    expected: answer(value),
  })),
  ...TOKENS,
];
