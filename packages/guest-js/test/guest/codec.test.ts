// Shows what the codec accepts from the author's code, and how it names what does not fit.
import { expect, test } from 'vitest';
import type { TypeDescriptor } from '../../src/descriptor.js';
import { codecs } from '../../src/guest/codec.js';
import { placed } from '../../src/guest/mismatch.js';
import { checked, typedArrays } from '../../src/guest/primitives.js';

const TYPES: TypeDescriptor[] = [
  { kind: 'list', type: 'u8' },
  { kind: 'option', type: 'string' },
  {
    kind: 'record',
    name: 'item',
    fields: [
      { name: 'the-bytes', type: 0 },
      { name: 'note', type: 1 },
    ],
  },
  { kind: 'list', type: 2 },
  { kind: 'option', type: 1 },
  { kind: 'variant', cases: [{ name: 'none' }, { name: 'some-item', type: 2 }] },
  { kind: 'flags', flags: [{ name: 'can-read' }, { name: 'write' }] },
  { kind: 'enum', cases: [{ name: 'red' }, { name: 'dark-green' }] },
  { kind: 'tuple', types: ['u64', 'char'] },
  { kind: 'list', type: 'u64' },
  { kind: 'map', key: 'string', value: 'u8' },
];

const of = codecs(TYPES, { primitives: checked, typedArrays, tagsNestedOptions: false }, () => ({
  lower: (value) => value,
}));
const lower = (type: Parameters<typeof of>[0], value: unknown) => of(type).lower(value);

test.each([
  [0, [1, 255], Uint8Array.of(1, 255)],
  [0, Float64Array.of(3), Uint8Array.of(3)],
  [2, { theBytes: [], more: 1 }, { theBytes: new Uint8Array(), note: undefined }],
  [1, null, undefined],
  [4, { tag: 'some', val: undefined }, { tag: 'some', val: undefined }],
  [5, { tag: 'none', val: 1 }, { tag: 'none' }],
  [6, { canRead: 1 }, { canRead: true, write: false }],
  [7, 'dark-green', 'dark-green'],
  [8, [5, '😀'], [5n, '😀']],
  [9, [1, 2n], BigUint64Array.of(1n, 2n)],
  [10, new Map([['a', 1]]), new Map([['a', 1]])],
  ['string', '\ud800', '\ufffd'],
] as const)('type %s takes %o', (type, value, lowered) => {
  expect(lower(type, value)).toEqual(lowered);
});

test.each([
  [3, [{ theBytes: [1, 256] }], 'result[0].theBytes[1]: expected u8 (0 to 255), got 256'],
  [3, {}, 'result: expected list, got an object (Object)'],
  [2, null, 'result: expected record item, got null'],
  [5, { tag: 'some-item', val: {} }, 'result.val.theBytes: expected list<u8>, got undefined'],
  [5, { tag: 'toString' }, "result: expected one of { tag: 'none' }, { tag: 'some-item' }, got \"toString\""],
  [7, 'darkGreen', "result: expected one of 'red', 'dark-green', got \"darkGreen\""],
  [8, [1n], 'result: expected tuple of 2, got "1 elements"'],
  [8, [-1n, 'a'], 'result[0]: expected u64 as bigint (0n to 18446744073709551615n), got -1n'],
  [
    8,
    [2 ** 53, 'a'],
    'result[0]: expected u64 as bigint (0n to 18446744073709551615n), got 9007199254740992',
  ],
  [0, new DataView(new ArrayBuffer(1)), 'result: expected list<u8>, got an object (DataView)'],
  [10, {}, 'result: expected Map, got an object (Object)'],
  ['u32', 1.5, 'result: expected u32 (0 to 4294967295), got 1.5'],
  ['s8', 128, 'result: expected s8 (-128 to 127), got 128'],
  ['u32', '1', 'result: expected u32 (0 to 4294967295), got "1"'],
  ['char', 'ab', 'result: expected char (a string of one character), got "ab"'],
  ['char', '\udc00', 'result: expected char (a string of one character), got "\\udc00"'],
  ['bool', 0, 'result: expected boolean, got 0'],
  ['f64', '1', 'result: expected number, got "1"'],
] as const)('type %s refuses %o', (type, value, message) => {
  const refused = () => {
    try {
      lower(type, value);
    } catch (error) {
      throw placed(error, 'result');
    }
  };
  expect(refused).toThrow(message);
});

test.each([
  [false, [undefined, { tag: 'none' }, { tag: 'some', val: 'a' }]],
  [
    true,
    [{ tag: 'none' }, { tag: 'some', val: { tag: 'none' } }, { tag: 'some', val: { tag: 'some', val: 'a' } }],
  ],
] as const)(
  'three options in each other are tagged once for the author; by the engine always: %s',
  (tagsNestedOptions, written) => {
    const types: TypeDescriptor[] = [
      { kind: 'option', type: 'string' },
      { kind: 'option', type: 0 },
      { kind: 'option', type: 1 },
    ];
    const dialect = { primitives: checked, typedArrays, tagsNestedOptions };
    const codec = codecs(types, dialect, () => ({ lower: (value) => value }))(2);
    const values = [undefined, { tag: 'none' }, { tag: 'some', val: 'a' }];
    expect(values.map((value) => codec.lower(value))).toEqual(written);
    expect(written.map((value) => codec.lift?.(structuredClone(value) as never))).toEqual(values);
  },
);
