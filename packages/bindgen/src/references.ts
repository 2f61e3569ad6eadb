// Owns the references between types: which there are, and how they are written anew when the table changes.
import type { FunctionDescriptor, TypeDescriptor, TypeRef } from './descriptor.js';

/** The types that a function names directly. */
export function refsOfFunction({ params, result, resource }: FunctionDescriptor): (TypeRef | undefined)[] {
  return [...params.map(({ type }) => type), result, resource];
}

/** The types that a type is made of directly. */
export function refsOfType(type: TypeDescriptor): (TypeRef | undefined)[] {
  const refs: (TypeRef | undefined)[] = [];
  moveType(type, (ref) => {
    refs.push(ref);
    return ref;
  });
  return refs;
}

type Move = <Ref extends TypeRef | undefined>(ref: Ref) => Ref;

export function moveFunction(fn: FunctionDescriptor, moved: Move): FunctionDescriptor {
  return {
    ...fn,
    ...(fn.resource === undefined ? {} : { resource: moved(fn.resource) }),
    params: fn.params.map((param) => ({ ...param, type: moved(param.type) })),
    ...(fn.result === undefined ? {} : { result: moved(fn.result) }),
  };
}

export function moveType(type: TypeDescriptor, moved: Move): TypeDescriptor {
  switch (type.kind) {
    case 'record':
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: moved(field.type) })) };
    case 'variant':
      return {
        ...type,
        cases: type.cases.map((one) => (one.type === undefined ? one : { ...one, type: moved(one.type) })),
      };
    case 'tuple':
      return { ...type, types: type.types.map(moved) };
    case 'option':
    case 'list':
    case 'fixed-list':
    case 'alias':
      return { ...type, type: moved(type.type) };
    case 'map':
      return { ...type, key: moved(type.key), value: moved(type.value) };
    case 'result':
      return {
        ...type,
        ...(type.ok === undefined ? {} : { ok: moved(type.ok) }),
        ...(type.err === undefined ? {} : { err: moved(type.err) }),
      };
    case 'stream':
    case 'future':
      return type.type === undefined ? type : { ...type, type: moved(type.type) };
    case 'own':
    case 'borrow':
      return { ...type, resource: moved(type.resource) };
    case 'enum':
    case 'flags':
    case 'resource':
      return type;
  }
}
