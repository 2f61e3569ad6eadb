// Owns the empty value of each WIT type, as jco wants to have it.
import { resolve, type TypeDescriptor, type TypeRef } from '../../descriptor.js';
import { lowerCamel } from '../../names.js';

const PRIMITIVES: Readonly<Record<string, unknown>> = {
  bool: false,
  char: '\0',
  string: '',
  u64: 0n,
  s64: 0n,
};

/** `where`: the ok case of a function's own result is answered bare. */
export function emptyOf(
  types: readonly TypeDescriptor[],
  ref: TypeRef | undefined,
  classOf: (resource: number) => { readonly prototype: object },
  where: 'function' | 'inside' = 'inside',
): unknown {
  if (ref === undefined) return undefined;
  const type = resolve(types, ref);
  if (typeof type === 'string') return type in PRIMITIVES ? PRIMITIVES[type] : 0;
  const of = (one: TypeRef | undefined): unknown => emptyOf(types, one, classOf);
  switch (type.kind) {
    case 'record':
      return Object.fromEntries(type.fields.map((field) => [lowerCamel(field.name), of(field.type)]));
    case 'tuple':
      return type.types.map(of);
    case 'variant':
      return { tag: type.cases[0]!.name, val: of(type.cases[0]!.type) };
    case 'enum':
      return type.cases[0]!.name;
    case 'flags':
      return {};
    case 'option':
      return undefined;
    case 'result':
      return where === 'function' ? of(type.ok) : { tag: 'ok', val: of(type.ok) };
    case 'list':
      return [];
    case 'fixed-list':
      return Array.from({ length: type.length }, () => of(type.type));
    case 'map':
      return new Map();
    case 'own':
    case 'borrow':
      return Object.create(classOf(type.resource).prototype);
    default:
      return undefined;
  }
}
