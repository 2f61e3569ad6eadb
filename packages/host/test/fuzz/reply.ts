// What is fuzzed of the codec: bytes of a guest's, as the result of a function or as the arguments of a host function.
import { Codecs } from '../../src/codec/compile.ts';
import { FunctionCodec } from '../../src/codec/functions.ts';
import { Malformed } from '../../src/codec/mismatch.ts';
import { Reader } from '../../src/codec/reader.ts';
import { Writer } from '../../src/codec/writer.ts';
import type { TypeDescriptor, TypeRef } from '../../src/descriptor.ts';
import { WitError } from '../../src/errors/classes.ts';
import { Handles } from '../../src/resources/handles.ts';
import type { Resource } from '../../src/resources/resource.ts';
import type { FuzzTarget } from './target.ts';

const BUCKET: Resource = {
  name: 'bucket',
  className: 'Bucket',
  interface: 'a:b/buckets',
  isGuests: false,
  methods: [],
  dropName: '[resource-drop]bucket',
};

const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));

/** Each may refer to those before it. */
const TYPES: readonly TypeDescriptor[] = [
  { kind: 'list', type: 'u8' },
  { kind: 'list', type: 'f64' },
  { kind: 'list', type: 'string' },
  { kind: 'tuple', types: ['u8', 'bool', 'char'] },
  { kind: 'list', type: 3 },
  {
    kind: 'record',
    fields: [
      { name: 'first-name', type: 'string' },
      { name: 'age', type: 's16' },
      { name: 'balance', type: 's64' },
    ],
  },
  {
    kind: 'variant',
    cases: [{ name: 'none' }, { name: 'word', type: 'string' }, { name: 'all', type: 5 }],
  },
  { kind: 'enum', cases: names(300) },
  { kind: 'flags', flags: names(7) },
  { kind: 'flags', flags: names(70) },
  { kind: 'option', type: 'u32' },
  { kind: 'option', type: 10 },
  { kind: 'result', ok: 'u64', err: 6 },
  { kind: 'list', type: 12 },
  { kind: 'fixed-list', type: 11, length: 3 },
  { kind: 'map', key: 'string', value: 'u32' },
  { kind: 'map', key: 'u16', value: 13 },
  { kind: 'list', type: 0 },
  { kind: 'alias', name: 'named', type: 4 },
  { kind: 'list', type: 'u16' },
  { kind: 'resource', name: 'bucket', owner: 'a:b/buckets' },
  { kind: 'own', resource: 20 },
  { kind: 'borrow', resource: 20 },
  { kind: 'list', type: 21 },
  { kind: 'tuple', types: [22, 23] },
  { kind: 'tuple', types: ['f32', 'f64', 's8', 's32', 'u16', 'bool'] },
];

const ALIAS_OF_HANDLES = new Set<TypeRef>([21, 22, 23, 24]);

interface Case {
  readonly codec: FunctionCodec;
  readonly hasHandles: boolean;
}

const codecs = new Codecs(TYPES, () => BUCKET);
const refs: readonly TypeRef[] = [
  'string',
  'char',
  ...TYPES.flatMap((type, index) => (type.kind === 'resource' ? [] : [index])),
];

const caseOf = (params: readonly TypeRef[], result: TypeRef | undefined): FunctionCodec =>
  FunctionCodec.of(codecs, {
    name: 'f',
    kind: 'function',
    params: params.map((type, index) => ({ name: `p${index}`, type })),
    ...(result === undefined ? {} : { result }),
    wit: 'f: func()',
  });

const CASES: readonly Case[] = [
  ...refs.map((ref) => ({ codec: caseOf([ref], ref), hasHandles: ALIAS_OF_HANDLES.has(ref) })),
  { codec: caseOf([], undefined), hasHandles: false },
  { codec: caseOf([6, 'string', 15], undefined), hasHandles: false },
];

const SAMPLE_VALUES: readonly unknown[] = ['text', 'ä', new Uint8Array(3), new Float64Array(2), ['a', 'bc']];

const handlesWith = (count: number): Handles => {
  const handles = new Handles(count, undefined);
  for (let index = 0; index < count; index++) handles.host.give(BUCKET, { index });
  return handles;
};

/** The first byte chooses the function, and whether it is the result or the arguments that are read. */
export const reply: FuzzTarget = {
  name: 'reply',
  inputBytesMax: 256,
  seeds: () => [
    ...SAMPLE_VALUES.map((value, index) => encoded(index, value)),
    ...CASES.map((_, index) => Uint8Array.of(index * 2, 1, 0, 0, 0, 1, 0, 0, 0, 0x61, 1, 0, 0, 0)),
    ...CASES.map((_, index) => Uint8Array.of(index * 2 + 1, ...new Uint8Array(12))),
  ],
  run(input) {
    const choice = input[0] ?? 0;
    const { codec, hasHandles } = CASES[(choice >> 1) % CASES.length]!;
    const isResult = choice % 2 === 0;
    const bytes = input.subarray(1);
    const read = (from: Uint8Array): unknown => {
      const reader = new Reader(from);
      if (hasHandles) reader.handles = handlesWith(3);
      return isResult ? codec.decodeResult(reader) : codec.decodeParams(reader);
    };
    const value = valueOrNothing(() => read(bytes));
    if (value === NOTHING || hasHandles) return;
    // What was understood can be said again, and then means the same.
    const again = write(codec, isResult, value);
    const twice = write(codec, isResult, read(again));
    if (!isEqual(again, twice)) throw new Error('a value that was read and written is another');
    if (again.length > bytes.length) throw new Error('a value takes more bytes than it was read from');
  },
};

const NOTHING = Symbol('nothing');

function valueOrNothing(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed || error instanceof WitError) return NOTHING;
    throw error;
  }
}

const writer = new Writer();

function write(codec: FunctionCodec, isResult: boolean, value: unknown): Uint8Array {
  writer.begin(1 << 20, 'maxRequestBytes');
  if (isResult) codec.encodeResult(writer, value);
  else codec.encodeParams(writer, value as unknown[]);
  return new Uint8Array(writer.finish());
}

function encoded(index: number, value: unknown): Uint8Array {
  return Uint8Array.of(index * 2, ...write(CASES[index]!.codec, true, value));
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
