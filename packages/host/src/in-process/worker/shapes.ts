// Owns where jco shows a value otherwise than this package does, and the way between both.
import { resolve, type TypeDescriptor, type TypeRef } from '../../descriptor.js';
import { lowerCamel } from '../../names.js';

/** The two ways; a type without one looks alike on both sides. */
export interface Shape {
  toJco(value: unknown): unknown;
  fromJco(value: unknown): unknown;
}

interface Tagged {
  readonly tag: string;
  readonly val?: unknown;
}

type MaybeShape = Shape | undefined;

/** How handles become the objects that jco has for resources. */
export type HandleShape = (type: Extract<TypeDescriptor, { kind: 'own' | 'borrow' }>) => Shape;

export class Shapes {
  readonly #types: readonly TypeDescriptor[];
  readonly #handleShape: HandleShape;
  readonly #known = new Map<number, MaybeShape>();

  constructor(types: readonly TypeDescriptor[], handleShape: HandleShape) {
    this.#types = types;
    this.#handleShape = handleShape;
  }

  of(ref: TypeRef | undefined): MaybeShape {
    if (typeof ref !== 'number') return undefined;
    if (this.#known.has(ref)) return this.#known.get(ref);
    const type = resolve(this.#types, ref);
    const shape = typeof type === 'string' ? undefined : this.#make(type);
    this.#known.set(ref, shape);
    return shape;
  }

  #make(type: TypeDescriptor): MaybeShape {
    switch (type.kind) {
      case 'record':
        return keyed(type.fields.map(({ name, type }) => [lowerCamel(name), this.of(type)]));
      case 'tuple':
        return items(type.types.map((one) => this.of(one)));
      case 'variant':
        return tagged(type.cases.map(({ name, type }) => [name, this.of(type)]));
      case 'result':
        return tagged([
          ['ok', this.of(type.ok)],
          ['err', this.of(type.err)],
        ]);
      case 'option':
        return this.#option(type.type);
      case 'list':
      case 'fixed-list':
        return each(this.of(type.type));
      case 'map':
        return entries(this.of(type.key), this.of(type.value));
      case 'own':
      case 'borrow':
        return this.#handleShape(type);
      default:
        return undefined;
    }
  }

  /** Ours has a tag wherever an option holds an option; jco's where the inner one's none is `undefined`. */
  #option(inner: TypeRef): MaybeShape {
    const shape = this.of(inner);
    const type = resolve(this.#types, inner);
    const isTaggedHere = typeof type === 'object' && type.kind === 'option';
    const isTaggedThere = isTaggedHere && !this.#isTaggedByJco(type.type);
    if (shape === undefined && isTaggedHere === isTaggedThere) return undefined;
    return option(shape, isTaggedHere, isTaggedThere);
  }

  /** Whether an option of that type has a tag under jco. */
  #isTaggedByJco(inner: TypeRef): boolean {
    const type = resolve(this.#types, inner);
    return typeof type === 'object' && type.kind === 'option' && !this.#isTaggedByJco(type.type);
  }
}

function option(inner: MaybeShape, isTaggedHere: boolean, isTaggedThere: boolean): Shape {
  const through = (
    value: unknown,
    from: boolean,
    to: boolean,
    convert: (value: unknown) => unknown,
  ): unknown => {
    const isNone = from ? (value as Tagged).tag === 'none' : value === undefined || value === null;
    if (isNone) return to ? { tag: 'none' } : undefined;
    const some = convert(from ? (value as Tagged).val : value);
    return to ? { tag: 'some', val: some } : some;
  };
  return {
    toJco: (value) => through(value, isTaggedHere, isTaggedThere, (some) => forth(inner, some)),
    fromJco: (value) => through(value, isTaggedThere, isTaggedHere, (some) => back(inner, some)),
  };
}

export const forth = (shape: MaybeShape, value: unknown): unknown =>
  shape === undefined ? value : shape.toJco(value);
export const back = (shape: MaybeShape, value: unknown): unknown =>
  shape === undefined ? value : shape.fromJco(value);

type Convert = (shape: MaybeShape, value: unknown) => unknown;

/** A shape that does the same both ways, if any part of it needs one. */
function both(
  parts: readonly MaybeShape[],
  through: (value: unknown, convert: Convert) => unknown,
): MaybeShape {
  if (parts.every((one) => one === undefined)) return undefined;
  return { toJco: (value) => through(value, forth), fromJco: (value) => through(value, back) };
}

function keyed(fields: readonly (readonly [key: string, shape: MaybeShape])[]): MaybeShape {
  return both(
    fields.map(([, shape]) => shape),
    (value, convert) =>
      Object.fromEntries(
        fields.map(([key, shape]) => [key, convert(shape, (value as Record<string, unknown>)[key])]),
      ),
  );
}

function items(shapes: readonly MaybeShape[]): MaybeShape {
  return both(shapes, (value, convert) =>
    shapes.map((shape, index) => convert(shape, (value as unknown[])[index])),
  );
}

function tagged(cases: readonly (readonly [tag: string, shape: MaybeShape])[]): MaybeShape {
  const shapes = new Map(cases);
  return both(
    cases.map(([, shape]) => shape),
    (value, convert) => {
      const { tag, val } = value as Tagged;
      return { tag, val: convert(shapes.get(tag), val) };
    },
  );
}

function each(item: MaybeShape): MaybeShape {
  return both([item], (value, convert) =>
    Array.from(value as Iterable<unknown>, (one) => convert(item, one)),
  );
}

function entries(key: MaybeShape, value: MaybeShape): MaybeShape {
  return both(
    [key, value],
    (map, convert) =>
      new Map([...(map as Map<unknown, unknown>)].map(([k, v]) => [convert(key, k), convert(value, v)])),
  );
}
