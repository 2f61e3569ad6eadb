// Owns the check of primitive values on their way out of the author's code, the same for both engines.
import type { TypeRef } from '../descriptor.js';
import type { Codec, TypedArrayConstructor } from './codec.js';
import { Mismatch } from './mismatch.js';

type Primitive = Exclude<TypeRef, number>;

function integer(name: string, min: number, max: number): Codec {
  return {
    lower: (value) => {
      if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value;
      throw new Mismatch(`${name} (${min} to ${max})`, value);
    },
  };
}

/** 64-bit integers are bigint; a number is taken where it stands for exactly one integer. */
function wideInteger(name: string, min: bigint, max: bigint): Codec {
  return {
    lower: (value) => {
      const wide = Number.isSafeInteger(value) ? BigInt(value as number) : value;
      if (typeof wide === 'bigint' && wide >= min && wide <= max) return wide;
      throw new Mismatch(`${name} as bigint (${min}n to ${max}n)`, value);
    },
  };
}

function ofType(type: 'boolean' | 'number'): Codec {
  return {
    lower: (value) => {
      if (typeof value === type) return value;
      throw new Mismatch(type, value);
    },
  };
}

const string: Codec = {
  lower: (value) => {
    if (typeof value !== 'string') throw new Mismatch('string', value);
    // UTF-8 has no lone surrogates; an engine may trap on one.
    return value.toWellFormed();
  },
};

const char: Codec = {
  lower: (value) => {
    if (typeof value === 'string' && value.isWellFormed() && value.length > 0 && [...value].length === 1)
      return value;
    throw new Mismatch('char (a string of one character)', value);
  },
};

export const checked: Record<Primitive, Codec> = {
  bool: ofType('boolean'),
  u8: integer('u8', 0, 0xff),
  s8: integer('s8', -0x80, 0x7f),
  u16: integer('u16', 0, 0xffff),
  s16: integer('s16', -0x8000, 0x7fff),
  u32: integer('u32', 0, 0xffff_ffff),
  s32: integer('s32', -0x8000_0000, 0x7fff_ffff),
  u64: wideInteger('u64', 0n, 0xffff_ffff_ffff_ffffn),
  s64: wideInteger('s64', -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn),
  f32: ofType('number'),
  f64: ofType('number'),
  char,
  string,
  'error-context': { lower: (value) => value },
};

export const typedArrays: Partial<Record<TypeRef, TypedArrayConstructor>> = {
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
};
