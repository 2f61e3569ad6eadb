// The value codec: every type round-trips, wrong values are named by their path, wrong bytes are refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Codecs } from '../src/codec/compile.ts';
import { FunctionCodec } from '../src/codec/functions.ts';
import { Malformed, Mismatch } from '../src/codec/mismatch.ts';
import { Reader } from '../src/codec/reader.ts';
import { giveBack, takeWriter } from '../src/codec/writer.ts';
import type { TypeDescriptor, TypeRef } from '../src/descriptor.ts';
import { LimitError, WitError } from '../src/errors/classes.ts';
import { anyTypeWithValue, type TypeWithValue } from './arbitrary.ts';

interface Given {
  types?: TypeDescriptor[];
  params?: TypeRef[];
  result?: TypeRef;
}

function codecOf({ types = [], params = [], result }: Given): FunctionCodec {
  return FunctionCodec.of(new Codecs(types), {
    name: 'f',
    kind: 'function',
    params: params.map((type, index) => ({ name: `p${index}`, type })),
    ...(result === undefined ? {} : { result }),
    wit: 'f: func()',
  });
}

function encodeParams(given: Given, args: unknown[], bytesMax = Number.POSITIVE_INFINITY): Uint8Array {
  const writer = takeWriter(bytesMax, 'maxRequestBytes');
  try {
    codecOf(given).encodeParams(writer, args);
    return new Uint8Array(writer.finish());
  } catch (error) {
    throw error instanceof Mismatch ? error.toUserError('args') : error;
  } finally {
    giveBack(writer);
  }
}

const roundTrip = (given: Given, value: unknown): unknown =>
  codecOf(given).decodeParams(new Reader(encodeParams(given, [value])))[0];

test('any value of any type comes back as it went', () => {
  fc.assert(
    fc.property(anyTypeWithValue, ({ types, ref, value }: TypeWithValue) => {
      expect(roundTrip({ types, params: [ref] }, value)).toEqual(value);
    }),
    { numRuns: 2_000 },
  );
});

test('no cut of an encoded value decodes, and none makes the decoder throw anything but Malformed', () => {
  fc.assert(
    fc.property(anyTypeWithValue, fc.nat(), ({ types, ref, value }, at) => {
      const bytes = encodeParams({ types, params: [ref] }, [value]);
      const cut = bytes.subarray(0, at % bytes.length);
      expect(() => codecOf({ types, params: [ref] }).decodeParams(new Reader(cut))).toThrow(Malformed);
    }),
    { numRuns: 1_000 },
  );
});

test('random bytes either decode or are Malformed', () => {
  fc.assert(
    fc.property(anyTypeWithValue, fc.uint8Array({ maxLength: 64 }), ({ types, ref }, bytes) => {
      try {
        codecOf({ types, params: [ref] }).decodeParams(new Reader(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('the wire', () => {
  const rows: [string, Given, unknown, number[]][] = [
    [
      'a record is its fields in order',
      {
        types: [
          {
            kind: 'record',
            fields: [
              { name: 'a-b', type: 'u8' },
              { name: 'c', type: 'u16' },
            ],
          },
        ],
        params: [0],
      },
      { aB: 1, c: 0x302 },
      [1, 2, 3],
    ],
    ['a string is its byte length and UTF-8', { params: ['string'] }, 'é', [2, 0, 0, 0, 0xc3, 0xa9]],
    [
      'an option is a byte and the value',
      { types: [{ kind: 'option', type: 'u8' }], params: [0] },
      7,
      [1, 7],
    ],
    ['none is a zero byte', { types: [{ kind: 'option', type: 'u8' }], params: [0] }, undefined, [0]],
    [
      'nine flags take two bytes',
      {
        types: [{ kind: 'flags', flags: [...'abcdefghi'].map((name) => ({ name })) }],
        params: [0],
      },
      { a: true, i: true },
      [1, 1],
    ],
    [
      'seventeen flags take four bytes',
      {
        types: [{ kind: 'flags', flags: [...'abcdefghijklmnopq'].map((name) => ({ name })) }],
        params: [0],
      },
      { q: true },
      [0, 0, 1, 0],
    ],
    [
      '257 cases take a discriminant of two bytes',
      {
        types: [{ kind: 'enum', cases: Array.from({ length: 257 }, (_, index) => ({ name: `c${index}` })) }],
        params: [0],
      },
      'c256',
      [0, 1],
    ],
    [
      'a fixed-length list has no count',
      {
        types: [{ kind: 'fixed-list', type: 'u8', length: 2 }],
        params: [0],
      },
      [5, 6],
      [5, 6],
    ],
    [
      'a map is a count and its entries',
      {
        types: [{ kind: 'map', key: 'u8', value: 'bool' }],
        params: [0],
      },
      new Map([[9, true]]),
      [1, 0, 0, 0, 9, 1],
    ],
    ['a negative s64 is two complement', { params: ['s64'] }, -2n, [254, 255, 255, 255, 255, 255, 255, 255]],
  ];
  test.each(rows)('%s', (_name, given, value, bytes) => {
    expect([...encodeParams(given, [value])]).toEqual(bytes);
  });
});

describe('a wrong value is named by its path', () => {
  const tagged: TypeDescriptor[] = [
    { kind: 'record', fields: [{ name: 'tags', type: 1 }] },
    { kind: 'list', type: 'string' },
  ];
  const shape: TypeDescriptor[] = [
    { kind: 'variant', cases: [{ name: 'circle', type: 'f64' }, { name: 'none' }] },
    { kind: 'enum', cases: [{ name: 'red' }, { name: 'dark-green' }] },
    { kind: 'flags', flags: [{ name: 'read' }] },
    { kind: 'tuple', types: ['u8', 'u8'] },
    { kind: 'map', key: 'string', value: 'u8' },
  ];
  const rows: [Given, unknown[], typeof TypeError, string][] = [
    [
      { types: tagged, params: [0] },
      [{ tags: ['a', 'b', 'c', 4] }],
      TypeError,
      'args[0].tags[3]: expected string, got number',
    ],
    [{ types: tagged, params: [0] }, [{}], TypeError, 'args[0].tags: expected array, got undefined'],
    [{ types: tagged, params: [0] }, [], TypeError, 'args[0]: expected object, got undefined'],
    [
      { params: ['u8', 'u8'] },
      [1, 256],
      RangeError,
      'args[1]: expected u8 (a whole number from 0 to 255), got 256',
    ],
    [
      { params: ['s8'] },
      [1.5],
      RangeError,
      'args[0]: expected s8 (a whole number from -128 to 127), got 1.5',
    ],
    [
      { params: ['u32'] },
      [Number.NaN],
      RangeError,
      'args[0]: expected u32 (a whole number from 0 to 4294967295), got NaN',
    ],
    [{ params: ['u32'] }, ['1'], TypeError, 'args[0]: expected number (u32), got string'],
    [
      { params: ['u64'] },
      [1],
      TypeError,
      'args[0]: expected bigint (u64: write 1n, or BigInt(value)), got number',
    ],
    [
      { params: ['u64'] },
      [-1n],
      RangeError,
      'args[0]: expected u64 (a bigint from 0 to 18446744073709551615), got -1n',
    ],
    [{ params: ['bool'] }, [1], TypeError, 'args[0]: expected boolean, got number'],
    [
      { params: ['char'] },
      ['ab'],
      RangeError,
      "args[0]: expected one character (one Unicode scalar value), got 'ab'",
    ],
    [
      { params: ['char'] },
      ['\ud800'],
      RangeError,
      'args[0]: expected one character (one Unicode scalar value), got',
    ],
    [
      { types: shape, params: [0] },
      [{ tag: 'square' }],
      TypeError,
      "args[0].tag: expected one of 'circle', 'none', got 'square'",
    ],
    [
      { types: shape, params: [0] },
      [{ tag: 'circle', val: 'r' }],
      TypeError,
      'args[0].val: expected number (f64), got string',
    ],
    [
      { types: shape, params: [1] },
      ['darkGreen'],
      TypeError,
      "args[0]: expected one of 'red', 'dark-green', got 'darkGreen'",
    ],
    [
      { types: shape, params: [2] },
      [{ raed: true }],
      TypeError,
      "args[0]: expected flags among read, got 'raed'",
    ],
    [{ types: shape, params: [2] }, [{ read: 1 }], TypeError, 'args[0].read: expected boolean, got number'],
    [{ types: shape, params: [3] }, [[1]], TypeError, 'args[0]: expected array of 2, got array of 1'],
    [{ types: shape, params: [4] }, [new Map([['a', -1]])], RangeError, 'args[0][0].value: expected u8'],
    [{ types: shape, params: [4] }, [{ a: 1 }], TypeError, 'args[0]: expected Map, got object'],
    [
      { types: [{ kind: 'list', type: 'u8' }], params: [0] },
      [new Int8Array(1)],
      TypeError,
      'args[0]: expected Uint8Array or array, got Int8Array',
    ],
    [
      { types: [{ kind: 'list', type: 'u8' }], params: [0] },
      [[1, 300]],
      RangeError,
      'args[0][1]: expected u8',
    ],
    [{ params: [] }, [1], TypeError, 'args: expected 0 arguments, got 1'],
  ];
  test.each(rows)('%#', (given, args, ErrorClass, message) => {
    expect(() => encodeParams(given, args)).toThrow(ErrorClass);
    expect(() => encodeParams(given, args)).toThrow(message);
  });
});

describe('bytes that are no value are refused', () => {
  const list = (type: TypeRef): TypeDescriptor[] => [{ kind: 'list', type }];
  const rows: [string, Given, number[]][] = [
    ['a bool of 2', { params: ['bool'] }, [2]],
    ['a surrogate char', { params: ['char'] }, [0, 0xd8, 0, 0]],
    ['a char past Unicode', { params: ['char'] }, [0, 0, 0x11, 0]],
    ['a string longer than the bytes', { params: ['string'] }, [255, 255, 255, 255, 1]],
    ['a string that is not UTF-8', { params: ['string'] }, [1, 0, 0, 0, 0xff]],
    [
      'a long string that is not UTF-8',
      { params: ['string'] },
      [40, 0, 0, 0, ...new Array(39).fill(65), 0xc0],
    ],
    ['a list with more elements than bytes', { types: list('string'), params: [0] }, [255, 255, 255, 255]],
    ['a list of numbers with more elements than bytes', { types: list('u64'), params: [0] }, [1, 0, 0, 0, 1]],
    ['an option of 2', { types: [{ kind: 'option', type: 'u8' }], params: [0] }, [2, 0]],
    ['a case past the last', { types: [{ kind: 'enum', cases: [{ name: 'a' }] }], params: [0] }, [1]],
    ['a byte too many', { params: ['u8'] }, [1, 2]],
  ];
  test.each(rows)('%s', (_name, given, bytes) => {
    expect(() => codecOf(given).decodeParams(new Reader(Uint8Array.from(bytes)))).toThrow(Malformed);
  });
});

test('a lone surrogate becomes U+FFFD, in short and in long strings', () => {
  expect(roundTrip({ params: ['string'] }, 'a\ud800b')).toBe('a\ufffdb');
  expect(roundTrip({ params: ['string'] }, `${'x'.repeat(5000)}\udfff`)).toBe(`${'x'.repeat(5000)}\ufffd`);
});

test('a list of numbers takes a typed array, a view into a larger buffer, or an array, and gives a typed array', () => {
  const given: Given = { types: [{ kind: 'list', type: 'u16' }], params: [0] };
  const expected = Uint16Array.of(1, 2, 3);
  expect(roundTrip(given, [1, 2, 3])).toEqual(expected);
  expect(roundTrip(given, expected)).toEqual(expected);
  expect(roundTrip(given, Uint16Array.of(0, 1, 2, 3, 4).subarray(1, 4))).toEqual(expected);
});

test('the decoded bytes are a copy, not a view of the reply', () => {
  const given: Given = { types: [{ kind: 'list', type: 'u8' }], params: [0] };
  const bytes = encodeParams(given, [[1, 2]]);
  const [value] = codecOf(given).decodeParams(new Reader(bytes));
  bytes.fill(0);
  expect(value).toEqual(Uint8Array.of(1, 2));
});

test('an option of an option tells none from some(none)', () => {
  const given: Given = {
    types: [
      { kind: 'option', type: 1 },
      { kind: 'option', type: 'u8' },
    ],
    params: [0],
  };
  expect(roundTrip(given, { tag: 'none' })).toEqual({ tag: 'none' });
  expect(roundTrip(given, { tag: 'some', val: undefined })).toEqual({ tag: 'some', val: undefined });
  expect(roundTrip(given, { tag: 'some', val: 3 })).toEqual({ tag: 'some', val: 3 });
});

test("the err case of a function's result is thrown as a WitError with the payload", () => {
  const codec = codecOf({ types: [{ kind: 'result', ok: 'u8', err: 'string' }], result: 0 });
  expect(codec.decodeResult(new Reader(Uint8Array.of(0, 7)))).toBe(7);
  const error = (() => {
    try {
      return codec.decodeResult(new Reader(Uint8Array.of(1, 2, 0, 0, 0, 110, 111)));
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(WitError);
  expect(error).toMatchObject({ payload: 'no', code: 'ERR_HL_WIT' });
});

test('a request past its limit is a LimitError, at the latest when it is finished', () => {
  const bytes: Given = { types: [{ kind: 'list', type: 'u8' }], params: [0] };
  expect(() => encodeParams(bytes, [new Uint8Array(100)], 100)).toThrow(LimitError);
  expect(() => encodeParams(bytes, [new Uint8Array(1 << 20)], 1 << 16)).toThrow(LimitError);
  expect(encodeParams(bytes, [new Uint8Array(96)], 100)).toHaveLength(100);
  expect(() => encodeParams({ params: ['string'] }, ['x'.repeat(1 << 20)], 1 << 16)).toThrow(LimitError);
});

test('a getter that encodes in turn does not disturb the value around it', () => {
  const types: TypeDescriptor[] = [
    {
      kind: 'record',
      fields: [
        { name: 'a', type: 'u8' },
        { name: 'b', type: 'u8' },
      ],
    },
  ];
  const value = {
    a: 1,
    get b() {
      encodeParams({ params: ['string'] }, ['something else entirely']);
      return 2;
    },
  };
  expect([...encodeParams({ types, params: [0] }, [value])]).toEqual([1, 2]);
});

describe('a long list of numbers', () => {
  const COUNT = 100_000;
  const u8s: TypeDescriptor = { kind: 'list', type: 'u8' };
  const long = Uint8Array.from({ length: COUNT }, (_, index) => index * 31);

  function decode(given: Given, values: unknown[], isSole: boolean) {
    const bytes = encodeParams(given, values);
    const decoded = codecOf(given).decodeParams(new Reader(bytes, isSole)) as Uint8Array[];
    bytes.fill(0);
    return decoded;
  }

  test('keeps the memory that it was read from where nobody else has that', () => {
    const [given] = decode({ types: [u8s], params: [0] }, [long], true);
    expect(given).toHaveLength(COUNT);
    expect(given!.every((byte) => byte === 0)).toBe(true);
  });

  test('is copied from memory that others have', () => {
    const [copy] = decode({ types: [u8s], params: [0] }, [long], false);
    expect(copy).toEqual(long);
    expect(copy!.buffer.byteLength).toBe(COUNT);
  });

  test('never shares its memory with another value', () => {
    const [first, second] = decode({ types: [u8s], params: [0, 0] }, [long, long], true);
    expect([first!.buffer.byteLength, second!.buffer.byteLength]).toEqual([COUNT, COUNT]);
    expect(first).toEqual(long);
  });

  test('is copied where its numbers lie askew', () => {
    const types: TypeDescriptor[] = [{ kind: 'list', type: 'f64' }];
    const numbers = Float64Array.from(long);
    expect(decode({ types, params: [0] }, [numbers], true)[0]).toEqual(numbers);
  });
});

test('types of a damaged descriptor that go round in a circle are an error, whatever they are', () => {
  const circles: TypeDescriptor[] = [
    { kind: 'option', type: 0 },
    { kind: 'list', type: 0 },
    { kind: 'alias', type: 0 },
    { kind: 'result', ok: 0 },
  ];
  for (const circle of circles) {
    expect(() => codecOf({ types: [circle], params: [0] }), circle.kind).toThrow(/^descriptor: type/);
  }
});
