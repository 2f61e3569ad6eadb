// Owns what of a world stands in which object: what can be called anywhere, what in a context only, what is granted.
import { checkKeys } from './declarations.js';
import {
  type FunctionDescriptor,
  type InterfaceDescriptor,
  typeAt,
  type WorldDescriptor,
} from './descriptor.js';
import { type Face, type Faces, faceOf, type Resource } from './faces.js';
import { upperCamel } from './names.js';

/** What of an interface stands in one object: plain functions, and the classes of resources. */
export interface Members {
  readonly functions: readonly FunctionDescriptor[];
  readonly resources: readonly Resource[];
}

/** Of an exported interface, what a sandbox can be called for directly. */
export function direct(faces: Faces, one: InterfaceDescriptor): Members {
  const face = faceOf(one, 'export');
  return { functions: plainOf(one).filter((fn) => !faces.needsContext(fn, face)), resources: [] };
}

/** Of an exported interface, what there is in a context only. */
export function inContext(faces: Faces, one: InterfaceDescriptor): Members {
  const face = faceOf(one, 'export');
  if (one.functions.length === 0) return { functions: [], resources: [] };
  return {
    functions: plainOf(one).filter((fn) => faces.needsContext(fn, face)),
    resources: faces.declaredBy(one, face).filter((resource) => resource.face === 'export'),
  };
}

/** All of an interface, as one side has it. */
export function membersOf(faces: Faces, one: InterfaceDescriptor, side: Face): Members {
  return { functions: plainOf(one), resources: faces.declaredBy(one, faceOf(one, side)) };
}

export function plainOf({ functions }: InterfaceDescriptor): FunctionDescriptor[] {
  return functions.filter(({ kind }) => kind === 'function');
}

/** Interfaces that only hold types are no objects. */
export function isEmpty({ functions, resources }: Members): boolean {
  return functions.length + resources.length === 0;
}

/** Whether there is something to grant or to call under the interface's own name. */
export function isCallable({ name, functions }: InterfaceDescriptor): boolean {
  return name !== null && functions.length > 0;
}

/** The name of a resource's class in the object of its interface. */
export function className(world: WorldDescriptor, { index }: Resource): string {
  return upperCamel(typeAt(world.types, index).name ?? '');
}

/** Throws where two members of one object would have one name. */
export function checkMembers(
  world: WorldDescriptor,
  faces: Faces,
  one: InterfaceDescriptor,
  side: Face,
  keyOf: (name: string) => string,
): void {
  const title = one.name === null ? `world \`${world.name}\`` : `interface \`${one.name}\``;
  const { functions, resources } = membersOf(faces, one, side);
  const beside = one.name === null ? inlineNames(side === 'import' ? world.imports : world.exports) : [];
  checkKeys(
    {
      title,
      item: (name) => `${one.name ?? ''}#${name}`,
      key: (name) => (beside.includes(name) ? name : keyOf(name)),
    },
    [...beside.map((name) => ({ name })), ...functions],
  );
  checkKeys(
    { title, item: (name) => `${one.name ?? ''}.${name}`, key: upperCamel },
    resources.map(({ index }) => ({ name: typeAt(world.types, index).name ?? '' })),
  );
}

/** Interfaces that stand in the world itself have its functions beside them, under their own name. */
function inlineNames(all: readonly InterfaceDescriptor[]): string[] {
  return all.flatMap(({ name }) => (name === null || name.includes('/') ? [] : [name]));
}
