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

  /** An option has a tag where its item may be `undefined`: the item is an option without one. */
  #option(inner: TypeRef): MaybeShape {
    return option(this.of(inner), this.#isNullable(inner));
  }

  #isNullable(ref: TypeRef): boolean {
    const type = resolve(this.#types, ref);
    return typeof type === 'object' && type.kind === 'option' && !this.#isNullable(type.type);
  }
}

function option(item: MaybeShape, isTagged: boolean): MaybeShape {
  return isTagged
    ? tagged([
        ['none', undefined],
        ['some', item],
      ])
    : both([item], (value, convert) =>
        value === undefined || value === null ? undefined : convert(item, value),
      );
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
