// Owns the conversion of values between the author's code and the engine, for each WIT type of the world.
//
// The author sees one mapping, whichever engine runs: bigint for 64 bits, undefined for none, typed arrays
// for lists of numbers. A codec is built from the world's type table when the guest is built, and lies in
// the snapshot as closures.
import type { TypeDescriptor, TypeRef } from '../descriptor.js';
import { lowerCamel } from '../names.js';
import { Mismatch, within } from './mismatch.js';
import { list, map, numbers, sequence } from './sequences.js';

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
  /** Whether the engine tags every option of an option, also one whose item cannot be `undefined`. */
  tagsNestedOptions: boolean;
}

export type TypedArray = ArrayLike<number | bigint> & object;
export interface TypedArrayConstructor {
  readonly name: string;
  new (length: number): TypedArray & Record<number, number | bigint>;
}

type Structured<K extends TypeDescriptor['kind']> = Extract<TypeDescriptor, { kind: K }>;
export type AnyLift = (value: unknown) => unknown;

export type CodecOf = (type: TypeRef) => Codec;

/** The codec of a handle; `resource` is an index among the types, possibly of another name for the resource. */
export type HandleCodec = (kind: 'own' | 'borrow', resource: number) => Codec;

/** Codecs for a table of types, in which a type refers only to types before it. */
export function codecs(types: readonly TypeDescriptor[], dialect: Dialect, handle: HandleCodec): CodecOf {
  const built: Codec[] = [];
  const of: CodecOf = (type) =>
    typeof type === 'number' ? (built[type] as Codec) : dialect.primitives[type];
  for (const type of types) {
    built.push(
      type.kind === 'own' || type.kind === 'borrow'
        ? handle(type.kind, type.resource)
        : build(type, types, of, dialect),
    );
  }
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
      if (mayBeNone(type.type, types)) return taggedOption(of(type.type));
      return dialect.tagsNestedOptions && isOption(type.type, types)
        ? untaggedOption(of(type.type))
        : option(of(type.type));
    case 'list':
      return listOf(resolved(type.type, types), of, dialect);
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

function listOf(element: TypeRef, of: CodecOf, dialect: Dialect): Codec {
  const Typed = dialect.typedArrays[element];
  return Typed ? numbers(Typed, of(element), element) : list(of(element));
}

function optional(type: TypeRef | undefined, of: CodecOf): Codec | undefined {
  return type === undefined ? undefined : of(type);
}

function resolved(type: TypeRef, types: readonly TypeDescriptor[]): TypeRef {
  const named = typeof type === 'number' ? types[type] : undefined;
  return named?.kind === 'alias' ? resolved(named.type, types) : type;
}

function optionAt(type: TypeRef, types: readonly TypeDescriptor[]): Structured<'option'> | undefined {
  const target = resolved(type, types);
  const found = typeof target === 'number' ? types[target] : undefined;
  return found?.kind === 'option' ? found : undefined;
}

const isOption = (type: TypeRef, types: readonly TypeDescriptor[]): boolean =>
  optionAt(type, types) !== undefined;

/** Whether `undefined` is a value of the type. An option of such a one is tagged: its none would be the same. */
function mayBeNone(type: TypeRef, types: readonly TypeDescriptor[]): boolean {
  const option = optionAt(type, types);
  return option !== undefined && !mayBeNone(option.type, types);
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

function taggedOption(inner: Codec): Codec {
  return tagged(
    new Map([
      ['some', inner],
      ['none', undefined],
    ]),
  );
}

/** Tagged for the engine, but not for the author. */
function untaggedOption(inner: Codec): Codec {
  const lift = inner.lift as AnyLift | undefined;
  return {
    lift: ({ tag, val }: { tag: string; val?: unknown }) => {
      if (tag === 'none') return undefined;
      return lift ? lift(val) : val;
    },
    lower: (value) =>
      value === null || value === undefined ? { tag: 'none' } : { tag: 'some', val: inner.lower(value) },
  };
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

function objectOf(value: unknown, expected: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Mismatch(expected, value);
  return value as Record<string, unknown>;
}
