// Owns what the generated modules say about the resources of an interface.
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from '../descriptor.js';
import type { ResourceClass } from '../guest/classes.js';
import { lowerCamel } from '../names.js';

/** `bucket` -> `Bucket`. */
function className(resource: string): string {
  const name = lowerCamel(resource);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function hasResources(face: InterfaceDescriptor, world: WorldDescriptor): boolean {
  return resourceClasses(face, world, '').length > 0;
}

/** The resources of an interface, those without any member too; `prefix` begins the places that messages name. */
export function resourceClasses(
  face: InterfaceDescriptor,
  world: WorldDescriptor,
  prefix: string,
): ResourceClass[] {
  const declared = face.types.filter((type) => {
    const { kind, owner } = world.types[type] ?? {};
    return kind === 'resource' && (owner ?? null) === face.name;
  });
  return declared.map((type) => {
    const name = className(world.types[type]?.name ?? '');
    const members = face.functions.filter(({ kind, resource }) => kind !== 'function' && resource === type);
    return { name, type, members: members.map((each) => member(each, `${prefix}${name}`)) };
  });
}

function member({ kind, name, wit, params, result }: FunctionDescriptor, place: string) {
  // `[method]bucket.get`; a constructor has no name of its own.
  const own = name.replace(/^\[[a-z-]+\]/, '').replace(/^[^.]*\./, '');
  return {
    kind: kind as 'constructor' | 'method' | 'static',
    name: own,
    wit,
    place: kind === 'constructor' ? place : `${place}.${lowerCamel(own)}`,
    params,
    ...(result !== undefined && { result }),
  };
}
