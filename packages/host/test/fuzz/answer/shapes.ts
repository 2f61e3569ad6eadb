// Owns what types are to the fuzzer: how a value of each lies on the wire, what bytes mean, and whether something is a
// value. It shares nothing with the codec that it judges.
import type { Numbers } from '../numbers.ts';
import { Lie, type Source, type Wire } from './wire.ts';

export interface Shape {
  /** Lays a value down that the input chooses. */
  lay(wire: Wire, numbers: Numbers): void;
  /** What lies there. Throws a `Lie`. */
  read(source: Source): unknown;
  /** Whether a codec may have made that of anything. */
  is(value: unknown): boolean;
  /** Whether `undefined` is one of its values. */
  readonly isNullable?: boolean;
}

const LONG_BYTES = 100_000;

/** How many elements, bytes or characters: a handful, or now and then more. */
function count(numbers: Numbers): number {
  const length = numbers.u8();
  if (length === 0xff) return 200;
  return length < 0xf0 ? length % 6 : length - 0xd0;
}

export const bool: Shape = {
  lay: (wire, numbers) => void wire.u8(numbers.below(2)),
  read: (source) => source.below(2) === 1,
  is: (value) => typeof value === 'boolean',
};

type Get =
  | 'getUint8'
  | 'getInt8'
  | 'getUint16'
  | 'getInt16'
  | 'getUint32'
  | 'getInt32'
  | 'getBigUint64'
  | 'getBigInt64'
  | 'getFloat32'
  | 'getFloat64';

/** Any bytes are one of its values, which reads them by the platform's own view. */
const word = (bytes: number, get: Get, is: (value: unknown) => boolean): Shape => ({
  lay: (wire, numbers) => void wire.raw(numbers.bytes(bytes)),
  read: (source) => new DataView(source.take(bytes).buffer)[get](0, true),
  is,
});

const whole = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const big = (signed: boolean) => (value: unknown) =>
  typeof value === 'bigint' && (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;

export const u8 = word(1, 'getUint8', whole(0, 0xff));
export const s8 = word(1, 'getInt8', whole(-0x80, 0x7f));
export const u16 = word(2, 'getUint16', whole(0, 0xffff));
export const s16 = word(2, 'getInt16', whole(-0x8000, 0x7fff));
export const u32 = word(4, 'getUint32', whole(0, 0xffff_ffff));
export const s32 = word(4, 'getInt32', whole(-0x8000_0000, 0x7fff_ffff));
export const u64 = word(8, 'getBigUint64', big(false));
export const s64 = word(8, 'getBigInt64', big(true));
export const f32 = word(4, 'getFloat32', (value) => Object.is(value, Math.fround(value as number)));
export const f64 = word(8, 'getFloat64', (value) => typeof value === 'number');

const WIDE = [0x00, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x1_0000, 0x10_ffff];

function codePoint(numbers: Numbers): number {
  const byte = numbers.u8();
  return byte < 0x60 ? byte + 0x20 : WIDE[byte % WIDE.length]!;
}

const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

export const char: Shape = {
  lay: (wire, numbers) => void wire.u32(codePoint(numbers)),
  read(source) {
    const value = source.u32();
    if (value > 0x10_ffff || (value >= 0xd800 && value < 0xe000)) throw new Lie('no character');
    return String.fromCodePoint(value);
  },
  is: (value) => typeof value === 'string' && [...value].length === 1 && !hasLoneSurrogate(value),
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const string: Shape = {
  lay(wire, numbers) {
    let value = '';
    for (let length = count(numbers); length > 0; length--) value += String.fromCodePoint(codePoint(numbers));
    const bytes = new TextEncoder().encode(value);
    wire.u32(bytes.length).raw(bytes);
  },
  read(source) {
    const bytes = source.take(source.u32());
    try {
      return utf8.decode(bytes);
    } catch {
      throw new Lie('no UTF-8');
    }
  },
  is: (value) => typeof value === 'string' && !hasLoneSurrogate(value),
};

export const list = (item: Shape): Shape => ({
  lay(wire, numbers) {
    let length = count(numbers);
    for (wire.u32(length); length > 0; length--) item.lay(wire, numbers);
  },
  read(source) {
    const items: unknown[] = [];
    for (let length = source.u32(); length > 0; length--) items.push(item.read(source));
    return items;
  },
  is: (value) => Array.isArray(value) && value.every((one) => item.is(one)),
});

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (buffer: ArrayBuffer): ArrayBufferView;
}

/** A typed array in memory of its own. */
export const array = (Class: ArrayClass): Shape => ({
  lay(wire, numbers) {
    const each = Class.BYTES_PER_ELEMENT;
    const isLong = numbers.u8() === 0xff;
    const length = isLong ? Math.floor(LONG_BYTES / each) : count(numbers);
    const bytes = isLong ? new Uint8Array(length * each).fill(numbers.u8()) : numbers.bytes(length * each);
    wire.u32(length).raw(bytes);
  },
  read: (source) => new Class(source.take(source.u32() * Class.BYTES_PER_ELEMENT).buffer),
  is: (value) =>
    ArrayBuffer.isView(value) &&
    Object.getPrototypeOf(value) === Class.prototype &&
    // Nothing else lies there, but for what little stood around a long one.
    value.buffer.byteLength <= 2 * value.byteLength,
});

export const tuple = (...items: Shape[]): Shape => ({
  lay(wire, numbers) {
    for (const item of items) item.lay(wire, numbers);
  },
  read: (source) => items.map((item) => item.read(source)),
  is: (value) =>
    Array.isArray(value) &&
    value.length === items.length &&
    items.every((item, index) => item.is(value[index])),
});

const hasKeys = (value: unknown, keys: readonly string[]): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  String(Object.keys(value)) === String(keys);

export function record(fields: Record<string, Shape>): Shape {
  const entries = Object.entries(fields);
  return {
    lay(wire, numbers) {
      for (const [, item] of entries) item.lay(wire, numbers);
    },
    read: (source) => Object.fromEntries(entries.map(([name, item]) => [name, item.read(source)])),
    is: (value) =>
      hasKeys(value, Object.keys(fields)) && entries.every(([name, item]) => item.is(value[name])),
  };
}

export function variant(cases: Record<string, Shape | undefined>): Shape {
  const entries = Object.entries(cases);
  return {
    lay(wire, numbers) {
      const index = numbers.below(entries.length);
      wire.u8(index);
      entries[index]![1]?.lay(wire, numbers);
    },
    read(source) {
      const [tag, item] = entries[source.below(entries.length)]!;
      return item === undefined ? { tag } : { tag, val: item.read(source) };
    },
    is: (value) =>
      entries.some(([tag, item]) =>
        item === undefined
          ? hasKeys(value, ['tag']) && value['tag'] === tag
          : hasKeys(value, ['tag', 'val']) && value['tag'] === tag && item.is(value['val']),
      ),
  };
}

export const enumeration = (...names: string[]): Shape => ({
  lay: (wire, numbers) => void wire.u8(numbers.below(names.length)),
  read: (source) => names[source.below(names.length)],
  is: (value) => names.includes(value as string),
});

/** Bits that no flag has mean nothing. */
export const flags = (bytes: number, ...names: string[]): Shape => ({
  lay: (wire, numbers) => void wire.raw(numbers.bytes(bytes)),
  read(source) {
    const bits = source.take(bytes);
    const isOn = (index: number): boolean => (bits[index >> 3]! & (1 << (index & 7))) !== 0;
    return Object.fromEntries(names.map((name, index) => [name, isOn(index)]));
  },
  is: (value) => hasKeys(value, names) && names.every((name) => bool.is(value[name])),
});

export function option(item: Shape): Shape {
  if (item.isNullable === true) return variant({ none: undefined, some: item });
  return {
    isNullable: true,
    lay(wire, numbers) {
      const isSome = numbers.below(2);
      wire.u8(isSome);
      if (isSome === 1) item.lay(wire, numbers);
    },
    read: (source) => (source.below(2) === 1 ? item.read(source) : undefined),
    is: (value) => value === undefined || item.is(value),
  };
}
