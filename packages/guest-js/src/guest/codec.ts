// Owns the conversion of values between the author's code and the engine, for each WIT type of the world.
//
// The author sees one mapping, whichever engine runs: bigint for 64 bits, undefined for none, typed arrays
// for lists of numbers. A codec is built from the world's type table when the guest is built, and lies in
// the snapshot as closures.
import type { TypeDescriptor, TypeRef } from '../descriptor.js';
import { lowerCamel } from '../names.js';
import { Mismatch, within } from './mismatch.js';

/** `lift`: engine to author. `lower`: author to engine, checked. `lift` is absent where the value is right as it comes. */
export interface Codec {
  lift?: (value: never) => unknown;
  lower: (value: unknown) => unknown;
}

/** What differs between engines. */
export interface Dialect {
  primitives: Record<Exclude<TypeRef, number>, Codec>;
  /** Whether an element type has a typed array that the engine takes as it is. */
  typedArrays: Partial<Record<TypeRef, TypedArrayConstructor>>;
}

export type TypedArray = ArrayLike<number | bigint> & object;
export interface TypedArrayConstructor {
  readonly name: string;
  new (length: number): TypedArray & Record<number, number | bigint>;
}

type Structured<K extends TypeDescriptor['kind']> = Extract<TypeDescriptor, { kind: K }>;
type AnyLift = (value: unknown) => unknown;

export type CodecOf = (type: TypeRef) => Codec;

/** Codecs for a table of types, in which a type refers only to types before it. */
export function codecs(types: readonly TypeDescriptor[], dialect: Dialect): CodecOf {
  const built: Codec[] = [];
  const of: CodecOf = (type) =>
    typeof type === 'number' ? (built[type] as Codec) : dialect.primitives[type];
  for (const type of types) built.push(build(type, types, of, dialect));
  return of;
}

function build(type: TypeDescriptor, types: readonly TypeDescriptor[], of: CodecOf, dialect: Dialect): Codec {
  switch (type.kind) {
    case 'alias':
      return of(type.type);
    case 'record':
      return record(type, of);
    case 'tuple':
      return sequence(type.types.map(of), 'tuple');
    case 'fixed-list':
      return sequence(new Array(type.length).fill(of(type.type)), 'list');
    case 'variant':
      return tagged(
        new Map(type.cases.map((each) => [each.name, each.type === undefined ? undefined : of(each.type)])),
      );
    case 'result':
      return tagged(
        new Map([
          ['ok', optional(type.ok, of)],
          ['err', optional(type.err, of)],
        ]),
      );
    case 'enum':
      return enumeration(type);
    case 'flags':
      return flags(type);
    case 'option':
      return mayBeNone(type.type, types) ? nestedOption(of(type.type)) : option(of(type.type));
    case 'list':
      return list(resolved(type.type, types), of, dialect);
    case 'map':
      return map(of(type.key), of(type.value));
    case 'resource':
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return { lower: (value) => value };
  }
}

function optional(type: TypeRef | undefined, of: CodecOf): Codec | undefined {
  return type === undefined ? undefined : of(type);
}

function resolved(type: TypeRef, types: readonly TypeDescriptor[]): TypeRef {
  const named = typeof type === 'number' ? types[type] : undefined;
  return named?.kind === 'alias' ? resolved(named.type, types) : type;
}

/** An option of an option is a tagged object, or `some(none)` and `none` would be one value. */
function mayBeNone(type: TypeRef, types: readonly TypeDescriptor[]): boolean {
  const inner = resolved(type, types);
  return typeof inner === 'number' && types[inner]?.kind === 'option';
}

function record(type: Structured<'record'>, of: CodecOf): Codec {
  const fields = type.fields.map((field) => ({ key: lowerCamel(field.name), codec: of(field.type) }));
  const lifted = fields.filter(({ codec }) => codec.lift);
  return {
    ...(lifted.length > 0 && {
      lift: (value: Record<string, unknown>) => {
        for (const { key, codec } of lifted) value[key] = (codec.lift as AnyLift)(value[key]);
        return value;
      },
    }),
    lower: (value) => {
      const from = objectOf(value, `record ${type.name ?? ''}`.trim());
      const into: Record<string, unknown> = {};
      for (const { key, codec } of fields) {
        try {
          into[key] = codec.lower(from[key]);
        } catch (error) {
          throw within(error, `.${key}`);
        }
      }
      return into;
    },
  };
}

/** What has a fixed number of elements: tuples and lists of fixed length. */
function sequence(elements: readonly Codec[], kind: string): Codec {
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

function list(element: TypeRef, of: CodecOf, dialect: Dialect): Codec {
  const codec = of(element);
  const Typed = dialect.typedArrays[element];
  if (Typed) return numbers(Typed, codec, element);
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
function numbers(Typed: TypedArrayConstructor, codec: Codec, element: TypeRef): Codec {
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

function map(key: Codec, value: Codec): Codec {
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

function option(inner: Codec): Codec {
  const { lift } = inner;
  return {
    lift: (value: unknown) => {
      if (value === null || value === undefined) return undefined;
      return lift ? (lift as AnyLift)(value) : value;
    },
    lower: (value) => (value === null || value === undefined ? undefined : inner.lower(value)),
  };
}

function nestedOption(inner: Codec): Codec {
  return tagged(
    new Map([
      ['some', inner],
      ['none', undefined],
    ]),
  );
}

/** Everything that is `{ tag, val }`. */
function tagged(cases: ReadonlyMap<string, Codec | undefined>): Codec {
  const expected = () => `one of ${[...cases.keys()].map((tag) => `{ tag: '${tag}' }`).join(', ')}`;
  return {
    ...([...cases.values()].some((codec) => codec?.lift) && {
      lift: (value: { tag: string; val?: unknown }) => {
        const lift = cases.get(value.tag)?.lift as AnyLift | undefined;
        if (lift) value.val = lift(value.val);
        return value;
      },
    }),
    lower: (value) => {
      const { tag, val } = objectOf(value, expected()) as { tag: string; val?: unknown };
      if (!cases.has(tag)) throw new Mismatch(expected(), tag);
      const codec = cases.get(tag);
      if (!codec) return { tag };
      try {
        return { tag, val: codec.lower(val) };
      } catch (error) {
        throw within(error, '.val');
      }
    },
  };
}

function enumeration(type: Structured<'enum'>): Codec {
  const names = new Set(type.cases.map(({ name }) => name));
  return {
    lower: (value) => {
      if (names.has(value as string)) return value;
      throw new Mismatch(`one of ${[...names].map((name) => `'${name}'`).join(', ')}`, value);
    },
  };
}

function flags(type: Structured<'flags'>): Codec {
  const keys = type.flags.map(({ name }) => lowerCamel(name));
  return {
    lower: (value) => {
      const from = objectOf(value, `flags ${type.name ?? ''}`.trim());
      return Object.fromEntries(keys.map((key) => [key, Boolean(from[key])]));
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

function objectOf(value: unknown, expected: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Mismatch(expected, value);
  return value as Record<string, unknown>;
}

function arrayOf(value: unknown, expected: string): ArrayLike<unknown> {
  const isTypedArray = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (Array.isArray(value) || isTypedArray) return value as unknown as ArrayLike<unknown>;
  throw new Mismatch(expected, value);
}
