// Owns which declared module each of a world's types and interfaces stands in, and under what name.
import { Names, type Wanted } from './allocate.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { type Face, type FacedType, type Faces, faceOf } from './faces.js';
import { sameAs, typeNames, wantedInterface } from './host-names.js';
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
  type(type: FacedType): Place;
  /** Of a resource that the plug-in exports. */
  class(resource: FacedType): Place;
  /** The TypeScript interface of an exported one, in the world's module. */
  exported(one: InterfaceDescriptor): string;
  declaredIn(module: string): readonly string[];
}

/** `name` is what the world is called here, in kebab case. */
export function guestModules(world: WorldDescriptor, faces: Faces, name: string): GuestModules {
  const exports = `${upperCamel(name)}Exports`;
  const imported = new Set(world.imports);
  const moduleOf = (one: InterfaceDescriptor): string => {
    // An exported inline interface has no module that anybody could import.
    const isOwn = one.name === null || (!one.name.includes('/') && !imported.has(one));
    return isOwn ? world.name : (one.name as string);
  };
  const idOf = ({ index, face }: FacedType): string => {
    const same = faces.of(sameAs(world.types, index), face);
    return `${same.face} ${same.index}`;
  };

  const scopes = new Scopes(world.name, exports);
  const types = new Map<string, Place>();
  const classes = new Map<string, Place>();
  const declareTypes = (one: InterfaceDescriptor, side: Face) => {
    for (const index of one.types) {
      const { name = '', kind, owner } = typeAt(world.types, index);
      const type = faces.of(index, side);
      if (types.has(idOf(type)) || sameAs(world.types, index) !== index) continue;
      // The module of the interface holds what the host grants.
      const isApart = faces.isTwofold(index) && side === 'export';
      const module = isApart ? world.name : moduleOf(one);
      const names = isApart ? typeNames(name, owner) : [upperCamel(name)];
      types.set(idOf(type), scopes.declare(module, names));
      if (kind !== 'resource') continue;
      const classNames = names.map((one) => `${one}Class`);
      classes.set(idOf(type), scopes.declare(module, classNames));
    }
  };
  for (const one of world.imports) {
    declareTypes(one, 'import');
    for (const { kind, name } of one.functions) {
      if (kind === 'function') scopes.declare(moduleOf(one), [identifier(lowerCamel(name))]);
    }
  }
  for (const one of world.imports) {
    for (const index of one.types) scopes.lend(moduleOf(one), found(types, idOf({ index, face: 'import' })));
  }
  for (const one of world.exports) {
    const side = faceOf(one, 'export');
    // First, since they keep their names: the interface's own classes go out of their way.
    for (const index of one.types) {
      const type = faces.of(index, side);
      const place = types.get(idOf(type));
      if (place !== undefined && type.face === 'import') scopes.lend(moduleOf(one), place);
    }
    declareTypes(one, side);
  }
  const interfaces = scopes.assign(
    world.name,
    world.exports.flatMap((one) => wantedInterface(one, '', '')),
  );

  return {
    world: world.name,
    exports,
    of: moduleOf,
    type: (type) => found(types, idOf(type)),
    class: (resource) => found(classes, idOf(resource)),
    exported: (one) => found(interfaces, one),
    declaredIn: (module) => scopes.declaredIn(module),
  };
}

/** The names in each module. */
class Scopes {
  readonly #names = new Map<string, Names>();
  readonly #declared = new Map<string, string[]>();
  readonly #world: string;
  readonly #exports: string;

  constructor(world: string, exports: string) {
    this.#world = world;
    this.#exports = exports;
  }

  /** The first of `names` that is free, else the last with a number. */
  declare(module: string, names: readonly string[]): Place {
    const scope = this.#scope(module);
    const name = scope.declare(names.find((one) => scope.isFree(one)) ?? (names.at(-1) as string));
    this.#note(module, name);
    return { module, name };
  }

  /** A type of another module that this one exports too. */
  lend(module: string, place: Place): void {
    const scope = this.#scope(module);
    if (place.module !== module && scope.isFree(place.name)) scope.declare(place.name);
  }

  assign<Id>(module: string, wanted: readonly Wanted<Id>[]): Map<Id, string> {
    const assigned = this.#scope(module).assign(wanted);
    for (const name of assigned.values()) this.#note(module, name);
    return assigned;
  }

  declaredIn(module: string): readonly string[] {
    const own = module === this.#world ? [this.#exports] : [];
    return [...GLOBAL_TYPES, ...own, ...(this.#declared.get(module) ?? [])];
  }

  #scope(module: string): Names {
    const own = module === this.#world ? [this.#exports] : [];
    const scope = this.#names.get(module) ?? new Names([...GLOBAL_TYPES, ...own]);
    this.#names.set(module, scope);
    return scope;
  }

  #note(module: string, name: string): void {
    const names = this.#declared.get(module) ?? [];
    this.#declared.set(module, names);
    names.push(name);
  }
}

function found<Id, Value>(map: Map<Id, Value>, id: Id): Value {
  const value = map.get(id);
  if (value === undefined) throw new Error('descriptor: a type stands in no interface');
  return value;
}
