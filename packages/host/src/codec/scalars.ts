// Owns bool, the integers, the floats, char and string.
import type { Codec } from './codec.js';
import { Malformed, outOfRange, wrongType } from './mismatch.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export const bool: Codec = {
  bytesMin: 1,
  encode(writer, value) {
    if (typeof value !== 'boolean') throw wrongType('boolean', value);
    writer.u8(value ? 1 : 0);
  },
  decode(reader) {
    const byte = reader.u8();
    if (byte > 1) throw new Malformed(`${byte} is no bool`);
    return byte === 1;
  },
};

type Put<T> = (writer: Writer, value: T) => void;
type Get = (reader: Reader) => unknown;

function integer(name: string, bytes: number, signed: boolean, put: Put<number>, get: Get): Codec {
  const min = signed ? -(2 ** (bytes * 8 - 1)) : 0;
  const max = signed ? 2 ** (bytes * 8 - 1) - 1 : 2 ** (bytes * 8) - 1;
  const expected = `${name} (a whole number from ${min} to ${max})`;
  return {
    bytesMin: bytes,
    encode(writer, value) {
      if (typeof value !== 'number') throw wrongType(`number (${name})`, value);
      if (!(value >= min && value <= max && Number.isInteger(value))) throw outOfRange(expected, value);
      put(writer, value);
    },
    decode: get,
  };
}

function bigInteger(name: string, min: bigint, max: bigint, put: Put<bigint>, get: Get): Codec {
  const expected = `${name} (a bigint from ${min} to ${max})`;
  return {
    bytesMin: 8,
    encode(writer, value) {
      if (typeof value === 'number') throw wrongType(`bigint (${name}: write 1n, or BigInt(value))`, value);
      if (typeof value !== 'bigint') throw wrongType(`bigint (${name})`, value);
      if (value < min || value > max) throw outOfRange(expected, value);
      writer.ensure(8);
      put(writer, value);
      writer.at += 8;
    },
    decode: get,
  };
}

function float(name: string, bytes: 4 | 8, put: Put<number>, get: Get): Codec {
  return {
    bytesMin: bytes,
    encode(writer, value) {
      if (typeof value !== 'number') throw wrongType(`number (${name})`, value);
      writer.ensure(bytes);
      put(writer, value);
      writer.at += bytes;
    },
    decode: get,
  };
}

const putU8: Put<number> = (writer, value) => writer.u8(value & 0xff);
const putU16: Put<number> = (writer, value) => writer.u16(value & 0xffff);
const putU32: Put<number> = (writer, value) => writer.u32(value >>> 0);

export const u8 = integer('u8', 1, false, putU8, (reader) => reader.u8());
export const s8 = integer('s8', 1, true, putU8, (reader) => (reader.u8() << 24) >> 24);
export const u16 = integer('u16', 2, false, putU16, (reader) => reader.u16());
export const s16 = integer('s16', 2, true, putU16, (reader) => (reader.u16() << 16) >> 16);
export const u32 = integer('u32', 4, false, putU32, (reader) => reader.u32());
export const s32 = integer('s32', 4, true, putU32, (reader) => reader.u32() | 0);

export const u64 = bigInteger(
  'u64',
  0n,
  2n ** 64n - 1n,
  (writer, value) => writer.view.setBigUint64(writer.at, value, true),
  (reader) => reader.view.getBigUint64(reader.take(8), true),
);
export const s64 = bigInteger(
  's64',
  -(2n ** 63n),
  2n ** 63n - 1n,
  (writer, value) => writer.view.setBigInt64(writer.at, value, true),
  (reader) => reader.view.getBigInt64(reader.take(8), true),
);

export const f32 = float(
  'f32',
  4,
  (writer, value) => writer.view.setFloat32(writer.at, value, true),
  (reader) => reader.view.getFloat32(reader.take(4), true),
);
export const f64 = float(
  'f64',
  8,
  (writer, value) => writer.view.setFloat64(writer.at, value, true),
  (reader) => reader.view.getFloat64(reader.take(8), true),
);

const CODE_POINT_MAX = 0x10_ffff;
const isSurrogate = (codePoint: number): boolean => codePoint >= 0xd800 && codePoint <= 0xdfff;

export const char: Codec = {
  bytesMin: 4,
  encode(writer, value) {
    if (typeof value !== 'string') throw wrongType('string (one character)', value);
    const codePoint = value.codePointAt(0);
    const length = codePoint !== undefined && codePoint > 0xffff ? 2 : 1;
    if (codePoint === undefined || value.length !== length || isSurrogate(codePoint)) {
      throw outOfRange('one character (one Unicode scalar value)', value);
    }
    writer.u32(codePoint);
  },
  decode(reader) {
    const codePoint = reader.u32();
    if (codePoint > CODE_POINT_MAX || isSurrogate(codePoint)) throw new Malformed(`${codePoint} is no char`);
    return String.fromCodePoint(codePoint);
  },
};

export const string: Codec = {
  bytesMin: 4,
  encode(writer, value) {
    if (typeof value !== 'string') throw wrongType('string', value);
    writer.string(value);
  },
  decode: (reader) => reader.string(),
};
