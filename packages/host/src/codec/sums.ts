// Owns the types that are one of several: variant, enum, option and result.
import { type Codec, discriminantBytes, readDiscriminant, writeDiscriminant } from './codec.js';
import { Malformed, Mismatch, within, wrongType } from './mismatch.js';
import { VARIANT_WEIGHT } from './weight.js';

interface Case {
  readonly name: string;
  readonly codec: Codec | undefined;
}

const SHOWN_CASES_MAX = 12;

function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_CASES_MAX).map((name) => `'${name}'`);
  return `one of ${shown.join(', ')}${names.length > shown.length ? ', ...' : ''}`;
}

function noSuchCase(names: readonly string[], got: unknown): Mismatch {
  if (typeof got !== 'string') return wrongType(oneOf(names), got);
  return new Mismatch('type', `expected ${oneOf(names)}, got '${got.slice(0, 60)}'`);
}

/** `{ tag, val }`; `val` is missing where the case has no payload. */
export function variant(cases: readonly Case[]): Codec {
  const names = cases.map((one) => one.name);
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const bytes = discriminantBytes(cases.length);
  return {
    bytesMin: bytes + Math.min(...cases.map((one) => one.codec?.bytesMin ?? 0)),
    encode(writer, value) {
      if (typeof value !== 'object' || value === null) throw wrongType('object with a tag', value);
      const { tag, val } = value as { tag?: unknown; val?: unknown };
      const index = indexOf.get(tag as string);
      if (index === undefined) throw within(noSuchCase(names, tag), 'tag');
      writeDiscriminant(writer, bytes, index);
      try {
        cases[index]!.codec?.encode(writer, val);
      } catch (error) {
        throw within(error, 'val');
      }
    },
    decode(reader) {
      const index = readDiscriminant(reader, bytes);
      const one = cases[index];
      if (one === undefined) throw new Malformed(`case ${index} of ${cases.length}`);
      reader.weigh(VARIANT_WEIGHT);
      return one.codec === undefined ? { tag: one.name } : { tag: one.name, val: one.codec.decode(reader) };
    },
  };
}

/** The case's name as it stands in WIT. */
export function enumeration(names: readonly string[]): Codec {
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const bytes = discriminantBytes(names.length);
  return {
    bytesMin: bytes,
    encode(writer, value) {
      const index = indexOf.get(value as string);
      if (index === undefined) throw noSuchCase(names, value);
      writeDiscriminant(writer, bytes, index);
    },
    decode(reader) {
      const index = readDiscriminant(reader, bytes);
      const name = names[index];
      if (name === undefined) throw new Malformed(`case ${index} of ${names.length}`);
      return name;
    },
  };
}

const presence = (byte: number): boolean => {
  if (byte > 1) throw new Malformed(`option discriminant ${byte}`);
  return byte === 1;
};

/** The value, or `undefined`; `null` is taken for `undefined`. */
export function option(item: Codec): Codec {
  return {
    bytesMin: 1,
    encode(writer, value) {
      const isSome = value !== undefined && value !== null;
      writer.u8(isSome ? 1 : 0);
      if (isSome) item.encode(writer, value);
    },
    decode: (reader) => (presence(reader.u8()) ? item.decode(reader) : undefined),
  };
}

/** Of an item that may be `undefined` itself, which could mean two things: `{ tag: 'none' }` or `{ tag: 'some', val }`. */
export const taggedOption = (item: Codec): Codec =>
  variant([
    { name: 'none', codec: undefined },
    { name: 'some', codec: item },
  ]);

/** A result anywhere but as the whole result of a function: `{ tag: 'ok' | 'err', val }`. */
export const result = (ok: Codec | undefined, err: Codec | undefined): Codec =>
  variant([
    { name: 'ok', codec: ok },
    { name: 'err', codec: err },
  ]);
