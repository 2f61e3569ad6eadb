// Owns which declared module each of a world's types and interfaces stands in, and under what name.
import { Names } from './allocate.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { sameAs, wantedInterface } from './host-names.js';
import { GLOBAL_TYPES, identifier, lowerCamel, upperCamel } from './names.js';

export interface Place {
  readonly module: string;
  readonly name: string;
}

export interface GuestModules {
  /** The module that holds what the plug-in exports. */
  readonly world: string;
  /** The name of the interface of all exports. */
  readonly exports: string;
  /** The module of an interface's types and, if imported, functions. */
  of(one: InterfaceDescriptor): string;
  type(index: number): Place;
  /** Of the resource at `index`. */
  class(index: number): Place;
  /** The TypeScript interface of an exported one, in the world's module. */
  exported(one: InterfaceDescriptor): string;
  declaredIn(module: string): readonly string[];
}

/** `name` is what the world is called here, in kebab case. */
export function guestModules(world: WorldDescriptor, name: string): GuestModules {
  const exports = `${upperCamel(name)}Exports`;
  const imported = new Set(world.imports);
  const moduleOf = (one: InterfaceDescriptor): string => {
    // An exported inline interface has no module that anybody could import.
    const isOwn = one.name === null || (!one.name.includes('/') && !imported.has(one));
    return isOwn ? world.name : (one.name as string);
  };

  const scopes = new Map<string, Names>();
  const declared = new Map<string, string[]>();
  const scope = (module: string): Names => {
    const names =
      scopes.get(module) ?? new Names([...GLOBAL_TYPES, ...(module === world.name ? [exports] : [])]);
    scopes.set(module, names);
    return names;
  };
  const declare = (module: string, name: string): Place => {
    const place = { module, name: scope(module).declare(name) };
    declared.set(module, [...(declared.get(module) ?? []), place.name]);
    return place;
  };

  declared.set(world.name, [exports]);
  const types = new Map<number, Place>();
  const classes = new Map<number, Place>();
  for (const one of [...world.imports, ...world.exports]) {
    for (const index of one.types) {
      if (types.has(index) || sameAs(world.types, index) !== index) continue;
      const { name = '', kind } = typeAt(world.types, index);
      types.set(index, declare(moduleOf(one), upperCamel(name)));
      if (kind === 'resource') classes.set(index, declare(moduleOf(one), `${upperCamel(name)}Class`));
    }
    for (const fn of one.functions) {
      if (imported.has(one) && fn.kind === 'function')
        declare(moduleOf(one), identifier(lowerCamel(fn.name)));
    }
  }
  const interfaces = scope(world.name).assign(world.exports.flatMap((one) => wantedInterface(one, '')));
  declared.set(world.name, [...(declared.get(world.name) ?? []), ...interfaces.values()]);

  return {
    world: world.name,
    exports,
    of: moduleOf,
    type: (index) => found(types, index),
    class: (index) => found(classes, index),
    exported: (one) => found(interfaces, one),
    declaredIn: (module) => [...GLOBAL_TYPES, ...(declared.get(module) ?? [])],
  };
}

function found<Id, Value>(map: Map<Id, Value>, id: Id): Value {
  const value = map.get(id);
  if (value === undefined) throw new Error('descriptor: a type stands in no interface');
  return value;
}
