// Owns what decoded values take in V8: no more than is weighed, so that a limit on the weight is one on memory.
import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Codecs } from '../src/codec/compile.ts';
import { Oversized } from '../src/codec/mismatch.ts';
import { Reader } from '../src/codec/reader.ts';
import { Writer } from '../src/codec/writer.ts';
import type { TypeDescriptor } from '../src/descriptor.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const COUNT = 20_000;
const ROOM = 2 ** 40;

/** Of what is there for good: buffers are given back after a collection, by and by. */
async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `name-${index}` }));
const bools = (count: number) => names(count).map(({ name }) => ({ name, type: 'bool' as const }));
const named = (count: number, value: boolean) =>
  Object.fromEntries(names(count).map((_, i) => [`name${i}`, value]));
const record = (count: number): [TypeDescriptor, unknown] => [
  { kind: 'record', fields: bools(count) },
  named(count, true),
];
const flags = (count: number): [TypeDescriptor, unknown] => [
  { kind: 'flags', flags: names(count) },
  named(count, true),
];
const items = (count: number): unknown[] => Array.from({ length: count }, () => true);
const cases = [{ name: 'some', type: 'bool' as const }, { name: 'none' }];

const kinds: Record<string, [TypeDescriptor, unknown]> = {
  'a record of one field': record(1),
  'a record of 5': record(5),
  'a record of 12': record(12),
  'a record of 13': record(13),
  'a record of 40': record(40),
  'a record of 150': record(150),
  '8 flags': flags(8),
  '32 flags': flags(32),
  '64 flags': flags(64),
  'a tuple of one': [{ kind: 'tuple', types: ['bool'] }, [true]],
  'a tuple of 7': [{ kind: 'tuple', types: items(7).map(() => 'bool' as const) }, items(7)],
  'a variant': [
    { kind: 'variant', cases },
    { tag: 'some', val: true },
  ],
  'a variant without a value': [{ kind: 'variant', cases }, { tag: 'none' }],
  'an empty list': [{ kind: 'list', type: 'bool' }, []],
  'a list of one': [{ kind: 'list', type: 'bool' }, items(1)],
  'a list of 18': [{ kind: 'list', type: 'bool' }, items(18)],
  'a list of 300': [{ kind: 'list', type: 'bool' }, items(300)],
  'no bytes': [{ kind: 'list', type: 'u8' }, []],
  '100 bytes': [{ kind: 'list', type: 'u8' }, items(100).map(() => 1)],
  'one u64': [{ kind: 'list', type: 'u64' }, [1n]],
  'short strings': [{ kind: 'tuple', types: ['string', 'string'] }, ['ab', 'cd']],
  'wide strings': [
    { kind: 'tuple', types: ['string', 'string'] },
    [`${'a'.repeat(99)}€`, `${'b'.repeat(99)}€`],
  ],
  'an empty map': [{ kind: 'map', key: 'u32', value: 'bool' }, new Map()],
  'a map of 9': [
    { kind: 'map', key: 'u32', value: 'bool' },
    new Map(items(9).map((_, index) => [index, true])),
  ],
};

test.each(Object.entries(kinds))('%s takes no more than is weighed', async (_what, [type, value]) => {
  const codec = new Codecs([type, { kind: 'list', type: 0 }]).of(1);
  const writer = new Writer();
  writer.begin(Number.POSITIVE_INFINITY, 'maxRequestBytes');
  codec.encode(
    writer,
    Array.from({ length: COUNT }, () => value),
  );
  const reader = new Reader(Buffer.from(writer.finish()));
  // What is made once for all of them is there before.
  new Codecs([type]).of(0).decode(new Reader(reader.bytes.subarray(4)));
  const before = await heapBytes();
  reader.room = ROOM;
  const decoded = codec.decode(reader) as unknown[];
  const taken = ((await heapBytes()) - before) / COUNT;
  const weighed = (ROOM - reader.room) / COUNT;
  expect(decoded.length).toBe(COUNT);
  expect(taken).toBeLessThan(weighed + 8);
  // Nor is it weighed as if it were far more.
  expect(weighed).toBeLessThan(4 * taken + 200);
});

test('values that would take more than their room are not made', () => {
  const codec = new Codecs([{ kind: 'list', type: 'bool' }]).of(0);
  const bytes = Buffer.alloc(4 + 1_000);
  bytes.writeUInt32LE(1_000);
  const reader = new Reader(bytes);
  reader.room = 1_000;
  expect(() => codec.decode(reader)).toThrow(Oversized);
});
