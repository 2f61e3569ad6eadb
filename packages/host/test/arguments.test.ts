// How words of a shell become values, and values become text.
import { expect, test } from 'vitest';
import { fromWord, toText } from '../src/cli/arguments.ts';
import type { TypeDescriptor, TypeRef } from '../src/descriptor.ts';

const types: TypeDescriptor[] = [
  { kind: 'enum', cases: [{ name: 'red' }] },
  { kind: 'option', type: 'string' },
  {
    kind: 'record',
    fields: [
      { name: 'big-number', type: 'u64' },
      { name: 'maybe', type: 1 },
    ],
  },
  { kind: 'list', type: 2 },
  { kind: 'map', key: 'string', value: 'u64' },
  { kind: 'variant', cases: [{ name: 'n', type: 'u64' }] },
  { kind: 'tuple', types: ['s64', 'bool'] },
  { kind: 'result', ok: 'u64' },
];

test.each<[TypeRef, string, unknown]>([
  ['string', 'World', 'World'],
  ['string', '"World"', 'World'],
  ['string', '7', '7'],
  ['string', '', ''],
  ['u32', '7', 7],
  ['bool', 'true', true],
  ['u64', '18446744073709551615', 18446744073709551615n],
  ['u64', 'x', 'x'],
  [0, 'red', 'red'],
  [1, 'word', 'word'],
  [1, 'null', undefined],
  [2, '{"bigNumber": 5, "maybe": null}', { bigNumber: 5n, maybe: undefined }],
  [3, '[{"bigNumber": 5}]', [{ bigNumber: 5n }]],
  [4, '{"a": 1}', new Map([['a', 1n]])],
  [4, '[["a", 1]]', new Map([['a', 1n]])],
  [5, '{"tag": "n", "val": 3}', { tag: 'n', val: 3n }],
  [6, '[-1, true]', [-1n, true]],
  [7, '{"tag": "ok", "val": 3}', { tag: 'ok', val: 3n }],
])('%s from %s', (type, word, value) => {
  expect(fromWord(types, type, word)).toEqual(value);
});

test.each([
  ['text', 'text'],
  [{ a: 5n, b: 2n ** 64n }, '{"a":5,"b":"18446744073709551616"}'],
  [Uint8Array.of(1, 2), '[1,2]'],
  [new Map([['a', 1]]), '[["a",1]]'],
])('%o as text', (value, text) => {
  expect(toText(value)).toBe(text);
});
