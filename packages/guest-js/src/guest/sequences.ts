// Owns the conversion of what has elements: lists, tuples and maps.
import type { TypeRef } from '../descriptor.js';
import type { AnyLift, Codec, TypedArrayConstructor } from './codec.js';
import { Mismatch, within } from './mismatch.js';

export function list(codec: Codec): Codec {
  return {
    ...(codec.lift && {
      lift: (value: unknown[]) => {
        for (let index = 0; index < value.length; index++)
          value[index] = (codec.lift as AnyLift)(value[index]);
        return value;
      },
    }),
    lower: (value) => {
      const from = arrayOf(value, 'list');
      const into = new Array(from.length);
      for (let index = 0; index < from.length; index++) into[index] = lowerAt(codec, from, index);
      return into;
    },
  };
}

/** A list of numbers is a typed array on both sides, which engines copy as one block and without rounding. */
export function numbers(Typed: TypedArrayConstructor, codec: Codec, element: TypeRef): Codec {
  const isBig = element === 'u64' || element === 's64';
  return {
    lift: (value: ArrayLike<unknown>) => {
      if (value instanceof Typed) return value;
      const into = new Typed(value.length);
      for (let index = 0; index < value.length; index++) {
        into[index] = (codec.lift ? (codec.lift as AnyLift)(value[index]) : value[index]) as number;
      }
      return into;
    },
    lower: (value) => {
      if (value instanceof Typed) return value;
      const from = arrayOf(value, `list<${element}>`);
      const into = new Typed(from.length);
      for (let index = 0; index < from.length; index++) {
        const given = from[index];
        lowerAt(codec, from, index);
        into[index] = (isBig ? BigInt(given as number) : given) as number;
      }
      return into;
    },
  };
}

/** What has a fixed number of elements: tuples and lists of fixed length. */
export function sequence(elements: readonly Codec[], kind: string): Codec {
  return {
    ...(elements.some(({ lift }) => lift) && {
      lift: (value: ArrayLike<unknown>) =>
        elements.map(({ lift }, index) => (lift ? (lift as AnyLift)(value[index]) : value[index])),
    }),
    lower: (value) => {
      const from = arrayOf(value, `${kind} of ${elements.length}`);
      if (from.length !== elements.length) {
        throw new Mismatch(`${kind} of ${elements.length}`, `${from.length} elements`);
      }
      return elements.map((codec, index) => lowerAt(codec, from, index));
    },
  };
}

export function map(key: Codec, value: Codec): Codec {
  const entry = sequence([key, value], 'map entry');
  return {
    ...(entry.lift && {
      lift: (from: Map<unknown, unknown>) =>
        new Map([...from].map(entry.lift as AnyLift) as [unknown, unknown][]),
    }),
    lower: (from) => {
      if (!(from instanceof Map)) throw new Mismatch('Map', from);
      return new Map([...from].map(entry.lower) as [unknown, unknown][]);
    },
  };
}

function lowerAt(codec: Codec, from: ArrayLike<unknown>, index: number): unknown {
  try {
    return codec.lower(from[index]);
  } catch (error) {
    throw within(error, `[${index}]`);
  }
}

function arrayOf(value: unknown, expected: string): ArrayLike<unknown> {
  const isTypedArray = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (Array.isArray(value) || isTypedArray) return value as unknown as ArrayLike<unknown>;
  throw new Mismatch(expected, value);
}
