// Owns how codecs are made from a descriptor: once for each type, as closures, without generated code.
import { resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';
import type { Resource } from '../resources/resource.js';
import type { Codec } from './codec.js';
import { fixedList, isNumberType, list, numberList } from './lists.js';
import { flags, map, record, tuple } from './products.js';
import { borrow, own } from './resources.js';
import * as scalars from './scalars.js';
import { enumeration, option, result, taggedOption, variant } from './sums.js';

/** Types nest at most this deep; a descriptor that claims more is damaged. */
const DEPTH_MAX = 256;

/** A type whose values cannot cross the wall. */
export class UnsupportedType extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(`${feature} cannot be passed`);
    this.feature = feature;
  }
}

/** The codecs of one descriptor's types. */
export class Codecs {
  readonly types: readonly TypeDescriptor[];
  readonly #resourceAt: (index: number) => Resource;
  readonly #made = new Map<number, Codec>();

  /** `resourceAt` tells which resource the type at an index is. */
  constructor(types: readonly TypeDescriptor[], resourceAt: (index: number) => Resource = noResource) {
    this.types = types;
    this.#resourceAt = resourceAt;
  }

  /** Throws an `UnsupportedType` for streams, futures and error contexts. */
  of(ref: TypeRef, depth = 0): Codec {
    if (typeof ref !== 'number') return primitive(ref);
    const known = this.#made.get(ref);
    if (known !== undefined) return known;
    if (depth > DEPTH_MAX) throw new Error(`descriptor: types nest deeper than ${DEPTH_MAX}`);
    const type = resolve(this.types, ref);
    const codec = typeof type === 'string' ? primitive(type) : this.#make(type, depth + 1);
    if (codec.bytesMin === 0) throw new UnsupportedType('a type without content');
    this.#made.set(ref, codec);
    return codec;
  }

  #make(type: TypeDescriptor, depth: number): Codec {
    const of = (ref: TypeRef): Codec => this.of(ref, depth);
    const maybe = (ref: TypeRef | undefined): Codec | undefined => (ref === undefined ? undefined : of(ref));
    switch (type.kind) {
      case 'record':
        return record(type.fields.map(({ name, type }) => ({ name, codec: of(type) })));
      case 'tuple':
        return tuple(type.types.map(of));
      case 'variant':
        return variant(type.cases.map(({ name, type }) => ({ name, codec: maybe(type) })));
      case 'enum':
        return enumeration(type.cases.map(({ name }) => name));
      case 'flags':
        return flags(type.flags.map(({ name }) => name));
      case 'option': {
        // First: it ends where a damaged descriptor's type is an option of itself.
        const item = of(type.type);
        return this.#isNullable(type.type) ? taggedOption(item) : option(item);
      }
      case 'result':
        return result(maybe(type.ok), maybe(type.err));
      case 'list':
        return this.#list(type.type, depth);
      case 'fixed-list':
        return fixedList(of(type.type), type.length);
      case 'map':
        return map(of(type.key), of(type.value));
      case 'alias':
        return of(type.type);
      case 'own':
        return own(this.#resourceAt(type.resource));
      case 'borrow':
        return borrow(this.#resourceAt(type.resource));
      case 'resource':
        throw new Error('descriptor: a value is owned or borrowed, not the resource itself');
      case 'stream':
      case 'future':
        throw new UnsupportedType(`a ${type.kind}`);
      default:
        return unknownKind(type);
    }
  }

  #list(ref: TypeRef, depth: number): Codec {
    const item = this.of(ref, depth);
    const type = resolve(this.types, ref);
    return isNumberType(type) ? numberList(type, item) : list(item);
  }

  /** Whether `undefined` is a value of the type: of an option, unless its item has that value already. */
  #isNullable(ref: TypeRef): boolean {
    const type = resolve(this.types, ref);
    return typeof type !== 'string' && type.kind === 'option' && !this.#isNullable(type.type);
  }
}

function noResource(): never {
  throw new UnsupportedType('a resource');
}

function primitive(type: Exclude<TypeRef, number>): Codec {
  if (type === 'error-context') throw new UnsupportedType('an error-context');
  if (!Object.hasOwn(scalars, type)) throw new Error(`descriptor: no type '${type}'`);
  return scalars[type];
}

function unknownKind(type: never): never {
  throw new Error(`descriptor: no kind of type '${(type as { kind?: unknown }).kind}'`);
}
