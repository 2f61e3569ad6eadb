// Owns list<T> and list<T, N>. Lists of numbers come out as typed arrays, copied in one go.
import type { Codec } from './codec.js';
import { Mismatch, within, wrongType } from './mismatch.js';
import type { Reader } from './reader.js';
import { listWeight, NUMBERS_WEIGHT } from './weight.js';
import type { Writer } from './writer.js';

export function list(item: Codec): Codec {
  return {
    bytesMin: 4,
    encode(writer, value) {
      if (!Array.isArray(value)) throw wrongType('array', value);
      const count = value.length;
      writer.u32(count);
      encodeItems(writer, item, value, count);
    },
    decode(reader) {
      return decodeItems(reader, item, reader.count(item.bytesMin));
    },
  };
}

export function fixedList(item: Codec, count: number): Codec {
  return {
    bytesMin: count * item.bytesMin,
    encode(writer, value) {
      if (!Array.isArray(value) && !isTypedArray(value)) throw wrongType(`array of ${count}`, value);
      checkCount(value.length, count);
      encodeItems(writer, item, value, count);
    },
    decode: (reader) => decodeItems(reader, item, count),
  };
}

export function checkCount(got: number, expected: number): void {
  if (got !== expected) throw new Mismatch('type', `expected array of ${expected}, got array of ${got}`);
}

// The count is a parameter, read once: elements may be getters that change the array.
function encodeItems(writer: Writer, item: Codec, values: ArrayLike<unknown>, count: number): void {
  let index = 0;
  try {
    for (; index < count; index++) item.encode(writer, values[index]);
  } catch (error) {
    throw within(error, index);
  }
}

function decodeItems(reader: Reader, item: Codec, count: number): unknown[] {
  reader.weigh(listWeight(count));
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) values.push(item.decode(reader));
  return values;
}

type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

type NumberArrayClass = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): NumberArray;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
};

const NUMBER_ARRAYS = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<string, NumberArrayClass>;

export type NumberType = keyof typeof NUMBER_ARRAYS;

export const isNumberType = (type: unknown): type is NumberType =>
  typeof type === 'string' && Object.hasOwn(NUMBER_ARRAYS, type);

/** list<u8>, list<f64>, ...: the bytes of a typed array are those of the wire, since both are little-endian. */
export function numberList(type: NumberType, item: Codec): Codec {
  const ArrayClass: NumberArrayClass = NUMBER_ARRAYS[type];
  return {
    bytesMin: 4,
    encode(writer, value) {
      if (isTypedArray(value) && value[Symbol.toStringTag] === ArrayClass.name) {
        writer.u32(value.length);
        writer.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
        return;
      }
      if (!Array.isArray(value)) throw wrongType(`${ArrayClass.name} or array`, value);
      const count = value.length;
      writer.u32(count);
      encodeItems(writer, item, value, count);
    },
    decode(reader) {
      const count = reader.count(ArrayClass.BYTES_PER_ELEMENT);
      reader.weigh(NUMBERS_WEIGHT + count * ArrayClass.BYTES_PER_ELEMENT);
      const bytes = reader.own(count * ArrayClass.BYTES_PER_ELEMENT, ArrayClass.BYTES_PER_ELEMENT);
      if (ArrayClass === Uint8Array) return bytes;
      return new ArrayClass(bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
    },
  };
}

// By tag and not by class: a typed array of another realm (vm, a test runner) is one too.
function isTypedArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
