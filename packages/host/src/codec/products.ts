// Owns the types that hold several values at once: record, tuple, flags and map.
import { lowerCamel } from '../names.js';
import type { Codec } from './codec.js';
import { checkCount } from './lists.js';
import { Mismatch, within, wrongType } from './mismatch.js';
import type { Reader } from './reader.js';
import { fieldsWeight, mapWeight } from './weight.js';
import type { Writer } from './writer.js';

const sum = (items: readonly Codec[]): number => items.reduce((bytes, item) => bytes + item.bytesMin, 0);

/** An object with the fields in lowerCamel; other properties are left alone. */
export function record(fields: readonly { readonly name: string; readonly codec: Codec }[]): Codec {
  const keys = fields.map((field) => lowerCamel(field.name));
  const codecs = fields.map((field) => field.codec);
  const weight = fieldsWeight(keys.length);
  const blank = blankOf<unknown>(keys, undefined);
  return {
    bytesMin: sum(codecs),
    encode(writer, value) {
      if (typeof value !== 'object' || value === null) throw wrongType('object', value);
      let index = 0;
      try {
        for (; index < keys.length; index++) {
          codecs[index]!.encode(writer, (value as Record<string, unknown>)[keys[index]!]);
        }
      } catch (error) {
        throw within(error, keys[index]!);
      }
    },
    decode(reader) {
      reader.weigh(weight);
      const value = { ...blank };
      for (let index = 0; index < keys.length; index++) value[keys[index]!] = codecs[index]!.decode(reader);
      return value;
    },
  };
}

export function tuple(items: readonly Codec[]): Codec {
  const weight = fieldsWeight(items.length);
  return {
    bytesMin: sum(items),
    encode(writer, value) {
      if (!Array.isArray(value)) throw wrongType(`array of ${items.length}`, value);
      checkCount(value.length, items.length);
      let index = 0;
      try {
        for (; index < items.length; index++) items[index]!.encode(writer, value[index]);
      } catch (error) {
        throw within(error, index);
      }
    },
    decode(reader) {
      reader.weigh(weight);
      return items.map((item) => item.decode(reader));
    },
  };
}

const FLAGS_A_BYTE = 8;

/** As wide as in linear memory: one or two bytes, then whole words. */
const flagsBytes = (count: number): number =>
  count <= FLAGS_A_BYTE ? 1 : count <= 2 * FLAGS_A_BYTE ? 2 : 4 * Math.ceil(count / (4 * FLAGS_A_BYTE));

/** An object with a boolean for each flag in lowerCamel; what is missing is off, what is unknown an error. */
export function flags(names: readonly string[]): Codec {
  const keys = names.map(lowerCamel);
  const known = new Set(keys);
  const bytes = flagsBytes(keys.length);
  const weight = fieldsWeight(keys.length);
  const allOff = blankOf(keys, false);
  return {
    bytesMin: bytes,
    encode(writer, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw wrongType('object of flags', value);
      for (const key of Object.keys(value)) {
        if (!known.has(key))
          throw new Mismatch('type', `expected flags among ${keys.join(', ')}, got '${key}'`);
      }
      writeFlags(writer, keys, bytes, value as Record<string, unknown>);
    },
    decode(reader) {
      const start = reader.take(bytes);
      reader.weigh(weight);
      const value = { ...allOff };
      for (let index = 0; index < keys.length; index++) {
        const byte = reader.bytes[start + (index >> 3)]!;
        value[keys[index]!] = (byte & (1 << (index & 7))) !== 0;
      }
      return value;
    },
  };
}

/** To be copied: a copy has all its properties at once, and what gets more than a few by and by takes five times as much. */
const blankOf = <T>(keys: readonly string[], value: T): Record<string, T> =>
  Object.fromEntries(keys.map((key) => [key, value]));

function writeFlags(
  writer: Writer,
  keys: readonly string[],
  bytes: number,
  value: Record<string, unknown>,
): void {
  let byte = 0;
  for (let index = 0; index < keys.length; index++) {
    const on = value[keys[index]!];
    if (on !== undefined && typeof on !== 'boolean') throw within(wrongType('boolean', on), keys[index]!);
    if (on) byte |= 1 << (index & 7);
    if ((index & 7) === 7) {
      writer.u8(byte);
      byte = 0;
    }
  }
  const written = keys.length >> 3;
  for (let index = written; index < bytes; index++) {
    writer.u8(byte);
    byte = 0;
  }
}

/** A `Map`, in its order. */
export function map(key: Codec, item: Codec): Codec {
  return {
    bytesMin: 4,
    encode(writer, value) {
      if (!(value instanceof Map)) throw wrongType('Map', value);
      const countAt = writer.at;
      writer.u32(0);
      let count = 0;
      for (const [k, v] of value) {
        encodeEntry(writer, key, item, k, v, count);
        count++;
      }
      // Written last: a getter inside may have changed the map.
      writer.view.setUint32(countAt, count, true);
    },
    decode: (reader) => decodeMap(reader, key, item),
  };
}

function encodeEntry(writer: Writer, key: Codec, item: Codec, k: unknown, v: unknown, index: number): void {
  let part = 'key';
  try {
    key.encode(writer, k);
    part = 'value';
    item.encode(writer, v);
  } catch (error) {
    throw within(within(error, part), index);
  }
}

function decodeMap(reader: Reader, key: Codec, item: Codec): Map<unknown, unknown> {
  const count = reader.count(key.bytesMin + item.bytesMin);
  reader.weigh(mapWeight(count));
  const value = new Map<unknown, unknown>();
  for (let index = 0; index < count; index++) {
    const k = key.decode(reader);
    value.set(k, item.decode(reader));
  }
  return value;
}
