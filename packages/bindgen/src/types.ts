// Owns the TypeScript type of each WIT type, as an expression: the mapping that jco made the convention.
import { resolve, type TypeDescriptor, type TypeRef, typeAt } from './descriptor.js';
import { code, joined, type Printable, quoted } from './printable.js';

/** Longer lists of fixed length are plain arrays: nobody reads a tuple of a hundred. */
const TUPLE_LENGTH_MAX = 16;

const PRIMITIVES: Record<Exclude<TypeRef, number>, string> = {
  bool: 'boolean',
  u8: 'number',
  s8: 'number',
  u16: 'number',
  s16: 'number',
  u32: 'number',
  s32: 'number',
  u64: 'bigint',
  s64: 'bigint',
  f32: 'number',
  f64: 'number',
  char: 'string',
  string: 'string',
  'error-context': 'unknown',
};

/** Lists of these travel as typed arrays. */
const TYPED_ARRAYS: Partial<Record<Exclude<TypeRef, number>, string>> = {
  u8: 'Uint8Array',
  s8: 'Int8Array',
  u16: 'Uint16Array',
  s16: 'Int16Array',
  u32: 'Uint32Array',
  s32: 'Int32Array',
  u64: 'BigUint64Array',
  s64: 'BigInt64Array',
  f32: 'Float32Array',
  f64: 'Float64Array',
};

/** The types of one descriptor, as seen from where `nameOf` names them. */
export class Types {
  readonly all: readonly TypeDescriptor[];
  readonly #nameOf: (index: number) => Printable;

  constructor(all: readonly TypeDescriptor[], nameOf: (index: number) => Printable) {
    this.all = all;
    this.#nameOf = nameOf;
  }

  /** A type where it is used: by name if it has one. */
  use(ref: TypeRef): Printable {
    if (typeof ref !== 'number') return PRIMITIVES[ref];
    return typeAt(this.all, ref).name === undefined ? this.structure(ref) : this.#nameOf(ref);
  }

  /** Likewise, `void` where there is none. */
  useOrVoid(ref: TypeRef | undefined): Printable {
    return ref === undefined ? 'void' : this.use(ref);
  }

  /** What a type is made of, whether or not it has a name. Interfaces are printed by the declarations. */
  structure(index: number): Printable {
    const type = typeAt(this.all, index);
    switch (type.kind) {
      case 'alias':
        return this.use(type.type);
      case 'own':
      case 'borrow':
        return this.#nameOf(type.resource);
      case 'option':
        return this.#option(type.type);
      case 'result':
        return code`${taggedCase('ok', this.#payload(type.ok))} | ${taggedCase('err', this.#payload(type.err))}`;
      case 'tuple':
        return code`[${joined(
          type.types.map((one) => this.use(one)),
          ', ',
        )}]`;
      case 'list':
        return this.#list(type.type);
      case 'fixed-list':
        if (type.length > TUPLE_LENGTH_MAX) return this.#array(type.type);
        return code`[${joined(Array<Printable>(type.length).fill(this.use(type.type)), ', ')}]`;
      case 'map':
        return code`Map<${this.use(type.key)}, ${this.use(type.value)}>`;
      case 'stream':
        return code`AsyncIterable<${this.useOrVoid(type.type)}>`;
      case 'future':
        // A promise of a promise is a promise of what that one is of.
        return this.isPromise(type.type)
          ? this.useOrVoid(type.type)
          : code`Promise<${this.useOrVoid(type.type)}>`;
      case 'variant':
        return joined(this.cases(type.cases), ' | ');
      case 'enum':
        return joined(
          type.cases.map(({ name }) => quoted(name)),
          ' | ',
        );
      case 'record':
      case 'flags':
      case 'resource':
        throw new Error(`descriptor: a ${type.kind} without a name, at ${index}`);
    }
  }

  /** `{ tag: 'circle'; val: number }` for each case. */
  cases(cases: readonly { readonly name: string; readonly type?: TypeRef }[]): Printable[] {
    return cases.map(({ name, type }) => taggedCase(name, this.#payload(type)));
  }

  /** Whether a missing value stands for the type's none. An option of such a one has a tag for that. */
  isOptional(ref: TypeRef): boolean {
    const type = resolve(this.all, ref);
    return typeof type === 'object' && type.kind === 'option' && !this.isOptional(type.type);
  }

  /** Whether values of the type are promises. */
  isPromise(ref: TypeRef | undefined): boolean {
    if (ref === undefined) return false;
    const type = resolve(this.all, ref);
    return typeof type === 'object' && type.kind === 'future';
  }

  /** The result type's parts if a function that returns `ref` throws its err case. */
  thrown(ref: TypeRef | undefined): { ok: TypeRef | undefined; err: TypeRef | undefined } | undefined {
    if (ref === undefined) return undefined;
    const type = resolve(this.all, ref);
    return typeof type === 'object' && type.kind === 'result' ? { ok: type.ok, err: type.err } : undefined;
  }

  #option(ref: TypeRef): Printable {
    const some = this.use(ref);
    // `undefined` could mean two things here.
    if (this.isOptional(ref)) return code`${taggedCase('none')} | ${taggedCase('some', some)}`;
    return code`${some} | undefined`;
  }

  #list(ref: TypeRef): Printable {
    const item = resolve(this.all, ref);
    const typed = typeof item === 'string' ? TYPED_ARRAYS[item] : undefined;
    return typed ?? this.#array(ref);
  }

  #array(ref: TypeRef): Printable {
    const item = this.use(ref);
    const type = typeof ref === 'number' ? typeAt(this.all, ref) : undefined;
    const isUnion = type?.name === undefined && (type?.kind === 'option' || type?.kind === 'result');
    return isUnion ? code`Array<${item}>` : code`${item}[]`;
  }

  #payload(ref: TypeRef | undefined): Printable | undefined {
    return ref === undefined ? undefined : this.use(ref);
  }
}

function taggedCase(name: string, payload?: Printable): Printable {
  return payload === undefined
    ? code`{ tag: ${quoted(name)} }`
    : code`{ tag: ${quoted(name)}; val: ${payload} }`;
}
