// Owns telling in words where two types, or two functions, differ. Names of types do not count, structure does.
import { type FunctionDescriptor, resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';
import { qualifiedName, withoutVersion } from '../names.js';
import { typeText } from './type-text.js';

/** Types nest at most this deep; a descriptor that claims more is damaged. */
const DEPTH_MAX = 256;

/** The two sides' tables of types: the world's, which is expected, and the component's. */
export interface Sides {
  readonly expected: readonly TypeDescriptor[];
  readonly actual: readonly TypeDescriptor[];
}

/** The way from a type to the first difference (`.price`, or '' for the type itself), and what it is. */
interface Difference {
  readonly path: string;
  readonly what: string;
}

/** Undefined if the functions are the same; else where they differ, and what either side has there. */
export function functionDifference(
  sides: Sides,
  expected: FunctionDescriptor,
  actual: FunctionDescriptor,
): string | undefined {
  const isAsync = expected.async ?? false;
  if (isAsync !== (actual.async ?? false))
    return `it is async in the ${isAsync ? 'world' : 'component'} alone`;
  const [wanted, there] = [expected.params.length, actual.params.length];
  if (wanted !== there) {
    return `it takes ${wanted} parameter${wanted === 1 ? '' : 's'} in the world, ${there} in the component`;
  }
  const comparison = new Comparison(sides);
  for (const [index, param] of expected.params.entries()) {
    const difference = comparison.of(param.type, actual.params[index]!.type, 0);
    if (difference !== undefined) {
      return `parameter '${param.name}'${difference.path} differs: ${difference.what}`;
    }
  }
  const difference = comparison.maybe(expected.result, actual.result, 0);
  return difference && `the result${difference.path} differs: ${difference.what}`;
}

interface Member {
  readonly name: string;
  readonly type?: TypeRef;
}

class Comparison {
  readonly #sides: Sides;
  /** Pairs that were found to be the same; types can share parts without end. */
  readonly #same = new Set<string>();

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  of(expected: TypeRef, actual: TypeRef, depth: number): Difference | undefined {
    if (depth > DEPTH_MAX) throw new Error(`descriptor: types nest deeper than ${DEPTH_MAX}`);
    const pair = `${expected} ${actual}`;
    if (this.#same.has(pair)) return undefined;
    const left = resolve(this.#sides.expected, expected);
    const right = resolve(this.#sides.actual, actual);
    const isPrimitive = typeof left === 'string' || typeof right === 'string';
    if (isPrimitive ? left !== right : left.kind !== right.kind) return this.#here(expected, actual);
    const difference = isPrimitive ? undefined : this.#inside(left, right, depth + 1, [expected, actual]);
    if (difference === undefined) this.#same.add(pair);
    return difference;
  }

  maybe(expected: TypeRef | undefined, actual: TypeRef | undefined, depth: number): Difference | undefined {
    if (expected !== undefined && actual !== undefined) return this.of(expected, actual, depth);
    return expected === actual ? undefined : this.#here(expected, actual);
  }

  #here(expected: TypeRef | undefined, actual: TypeRef | undefined): Difference {
    const [left, right] = [typeText(this.#sides.expected, expected), typeText(this.#sides.actual, actual)];
    return { path: '', what: `${left} in the world, ${right} in the component` };
  }

  #step(
    name: string,
    expected: TypeRef | undefined,
    actual: TypeRef | undefined,
    depth: number,
  ): Difference | undefined {
    const difference = this.maybe(expected, actual, depth);
    return difference && { ...difference, path: `${name}${difference.path}` };
  }

  /** Of two types of one kind. */
  #inside(
    left: TypeDescriptor,
    right: TypeDescriptor,
    depth: number,
    refs: readonly [TypeRef, TypeRef],
  ): Difference | undefined {
    switch (left.kind) {
      case 'record':
        return this.#members('field', left.fields, (right as typeof left).fields, depth);
      case 'variant':
        return this.#members('case', left.cases, (right as typeof left).cases, depth);
      case 'enum':
        return this.#members('case', left.cases, (right as typeof left).cases, depth);
      case 'flags':
        return this.#members('flag', left.flags, (right as typeof left).flags, depth);
      case 'tuple': {
        const { types } = right as typeof left;
        if (left.types.length !== types.length) return this.#here(...refs);
        return first(left.types, (type, index) => this.#step(`.${index}`, type, types[index], depth));
      }
      case 'option':
      case 'stream':
      case 'future':
        return this.#step('', left.type, (right as typeof left).type, depth);
      case 'list':
        return this.#step('[]', left.type, (right as typeof left).type, depth);
      case 'fixed-list': {
        const { length, type } = right as typeof left;
        return left.length === length ? this.#step('[]', left.type, type, depth) : this.#here(...refs);
      }
      case 'map': {
        const { key, value } = right as typeof left;
        return this.#step('.key', left.key, key, depth) ?? this.#step('.value', left.value, value, depth);
      }
      case 'result': {
        const { ok, err } = right as typeof left;
        return this.#step('.ok', left.ok, ok, depth) ?? this.#step('.err', left.err, err, depth);
      }
      case 'own':
      case 'borrow': {
        const wanted = resourceName(this.#sides.expected, left.resource);
        const there = resourceName(this.#sides.actual, (right as typeof left).resource);
        const what = `${left.kind}<${wanted}> in the world, ${left.kind}<${there}> in the component`;
        return wanted === there ? undefined : { path: '', what };
      }
      case 'resource':
      case 'alias':
        // No value is one, and aliases are seen through.
        return undefined;
      default:
        return left satisfies never;
    }
  }

  #members(
    kind: string,
    expected: readonly Member[],
    actual: readonly Member[],
    depth: number,
  ): Difference | undefined {
    const alone = (some: readonly Member[], others: readonly Member[]) =>
      some.find(({ name }) => others.every((other) => other.name !== name));
    const missing = alone(expected, actual);
    if (missing !== undefined) return only(missing, kind, 'world');
    const surplus = alone(actual, expected);
    if (surplus !== undefined) return only(surplus, kind, 'component');
    return first(expected, (one, index) => {
      const other = actual[index]!;
      if (one.name === other.name) return this.#step(`.${one.name}`, one.type, other.type, depth);
      const what = `${kind} ${index + 1} is \`${one.name}\` in the world, \`${other.name}\` in the component`;
      return { path: '', what };
    });
  }
}

/** A resource is its name, and its interface's without version: linking looks at no more. */
function resourceName(types: readonly TypeDescriptor[], index: number): string {
  const type = resolve(types, index);
  if (typeof type === 'string' || type.kind !== 'resource') {
    throw new Error(`descriptor: type ${index} is no resource`);
  }
  return qualifiedName(type.owner === undefined ? null : withoutVersion(type.owner), type.name ?? '');
}

function only({ name }: Member, kind: string, side: string): Difference {
  return { path: '', what: `the ${side} alone has the ${kind} \`${name}\`` };
}

function first<Item>(
  items: readonly Item[],
  difference: (item: Item, index: number) => Difference | undefined,
): Difference | undefined {
  for (const [index, item] of items.entries()) {
    const found = difference(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
