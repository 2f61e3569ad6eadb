// Owns telling in words where two types, or two functions, differ. Names of types do not count, structure does.
import { type FunctionDescriptor, resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';
import { qualifiedName, withoutVersion } from '../names.js';

/** Types nest at most this deep; a descriptor that claims more is damaged. */
const DEPTH_MAX = 256;

type Types = readonly TypeDescriptor[];

/** The two sides' tables of types. */
export interface Sides {
  readonly expected: Types;
  readonly actual: Types;
}

/** Undefined if the functions are the same; else where they differ: `parameter 'sku'`, `result.price`. */
export function functionDifference(
  sides: Sides,
  expected: FunctionDescriptor,
  actual: FunctionDescriptor,
): string | undefined {
  if ((expected.async ?? false) !== (actual.async ?? false)) return 'only one is async';
  if (expected.params.length !== actual.params.length) return 'they take different numbers of parameters';
  for (const [index, param] of expected.params.entries()) {
    const where = differs(sides, param.type, actual.params[index]!.type, 0);
    if (where !== undefined) return `parameter '${param.name}'${where} differs`;
  }
  const where = maybeDiffers(sides, expected.result, actual.result, 0);
  return where === undefined ? undefined : `the result${where} differs`;
}

/** Undefined if the same, else the way to the first difference: '' is the type itself, `.price` a field of it. */
function differs(sides: Sides, expected: TypeRef, actual: TypeRef, depth: number): string | undefined {
  if (depth > DEPTH_MAX) throw new Error(`descriptor: types nest deeper than ${DEPTH_MAX}`);
  const left = resolve(sides.expected, expected);
  const right = resolve(sides.actual, actual);
  if (typeof left === 'string' || typeof right === 'string') return left === right ? undefined : '';
  return kindDiffers(sides, left, right, depth + 1);
}

function maybeDiffers(
  sides: Sides,
  expected: TypeRef | undefined,
  actual: TypeRef | undefined,
  depth: number,
): string | undefined {
  if (expected === undefined || actual === undefined) return expected === actual ? undefined : '';
  return differs(sides, expected, actual, depth);
}

/** A resource is its name, and its interface's without version: linking looks at no more. */
function resourceName(types: Types, index: number): string {
  const type = resolve(types, index);
  if (typeof type === 'string' || type.kind !== 'resource') {
    throw new Error(`descriptor: type ${index} is no resource`);
  }
  return qualifiedName(type.owner === undefined ? null : withoutVersion(type.owner), type.name ?? '');
}

interface Member {
  readonly name: string;
  readonly type?: TypeRef;
}

function membersDiffer(
  sides: Sides,
  expected: readonly Member[],
  actual: readonly Member[],
  depth: number,
): string | undefined {
  if (expected.length !== actual.length) return '';
  for (const [index, one] of expected.entries()) {
    const other = actual[index]!;
    const where = one.name === other.name ? maybeDiffers(sides, one.type, other.type, depth) : '';
    if (where !== undefined) return `.${one.name}${where}`;
  }
  return undefined;
}

const numbered = (types: readonly TypeRef[]): Member[] =>
  types.map((type, index) => ({ name: String(index), type }));

function kindDiffers(
  sides: Sides,
  left: TypeDescriptor,
  right: TypeDescriptor,
  depth: number,
): string | undefined {
  const step = (name: string, one: TypeRef | undefined, other: TypeRef | undefined): string | undefined => {
    const where = maybeDiffers(sides, one, other, depth);
    return where === undefined ? undefined : `${name}${where}`;
  };
  switch (left.kind) {
    case 'record':
      return right.kind === 'record' ? membersDiffer(sides, left.fields, right.fields, depth) : '';
    case 'tuple':
      return right.kind === 'tuple'
        ? membersDiffer(sides, numbered(left.types), numbered(right.types), depth)
        : '';
    case 'variant':
      return right.kind === 'variant' ? membersDiffer(sides, left.cases, right.cases, depth) : '';
    case 'enum':
      return right.kind === 'enum' ? membersDiffer(sides, left.cases, right.cases, depth) : '';
    case 'flags':
      return right.kind === 'flags' ? membersDiffer(sides, left.flags, right.flags, depth) : '';
    case 'option':
    case 'list':
      return right.kind === left.kind ? step('', left.type, right.type) : '';
    case 'fixed-list':
      return right.kind === 'fixed-list' && right.length === left.length
        ? step('', left.type, right.type)
        : '';
    case 'map':
      if (right.kind !== 'map') return '';
      return step('.key', left.key, right.key) ?? step('.value', left.value, right.value);
    case 'result':
      if (right.kind !== 'result') return '';
      return step('.ok', left.ok, right.ok) ?? step('.err', left.err, right.err);
    case 'stream':
    case 'future':
      return right.kind === left.kind ? step('', left.type, right.type) : '';
    case 'own':
    case 'borrow':
      if (right.kind !== left.kind) return '';
      return resourceName(sides.expected, left.resource) === resourceName(sides.actual, right.resource)
        ? undefined
        : '';
    case 'resource':
    case 'alias':
      // No value is one, and aliases are seen through.
      return right.kind === left.kind ? undefined : '';
    default:
      return left satisfies never;
  }
}
