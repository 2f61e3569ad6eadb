// Owns the names that a world's declarations have in the host's module.
import { Names, type Wanted } from './allocate.js';
import { type InterfaceDescriptor, type TypeDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { GLOBAL_TYPES, identifier, lowerCamel, parseName, upperCamel } from './names.js';

export interface HostNames {
  /** The constant that carries the descriptor. */
  readonly world: string;
  readonly imports: string;
  readonly exports: string;
  /** Every name that the module declares. */
  readonly declared: readonly string[];
  type(index: number): string;
  /** The class of the resource at `index`. */
  class(index: number): string;
  interface(one: InterfaceDescriptor): string;
}

/** `name` is what the world is called here, in kebab case. */
export function hostNames(world: WorldDescriptor, name: string): HostNames {
  const base = upperCamel(name);
  const imports = `${base}Imports`;
  const exports = `${base}Exports`;
  const names = new Names([...GLOBAL_TYPES, imports, exports]);
  const types = names.assign(wantedTypes(world));
  const interfaces = names.assign(wantedInterfaces(world));
  const constant = identifier(lowerCamel(name));
  const named = <Id>(map: Map<Id, string>, id: Id): string => {
    const name = map.get(id);
    if (name === undefined) throw new Error('descriptor: something has no name');
    return name;
  };
  return {
    world: constant,
    imports,
    exports,
    declared: [constant, imports, exports, ...types.values(), ...interfaces.values()],
    type: (index) => named(types, String(sameAs(world.types, index))),
    class: (index) => named(types, `class ${index}`),
    interface: (one) => named(interfaces, one),
  };
}

/** The type that `index` is, once `use` without a new name is looked through. */
export function sameAs(types: readonly TypeDescriptor[], index: number): number {
  let at = index;
  for (;;) {
    const type = typeAt(types, at);
    if (type.kind !== 'alias' || typeof type.type !== 'number') return at;
    const target = typeAt(types, type.type);
    if (target.name !== type.name) return at;
    at = type.type;
  }
}

function wantedTypes(world: WorldDescriptor): Wanted<string>[] {
  return world.types.flatMap((type, index) => {
    if (type.name === undefined || sameAs(world.types, index) !== index) return [];
    const names = typeNames(type.name, type.owner);
    const wanted = [{ id: String(index), names }];
    if (type.kind !== 'resource') return wanted;
    return [...wanted, { id: `class ${index}`, names: names.map((name) => `${name}Class`) }];
  });
}

/** `Item`, else `StockItem`, `StockItemV1_0_0`, `ShopStockItem`, `ShopStockItemV1_0_0`. */
function typeNames(name: string, owner: string | undefined): string[] {
  const own = upperCamel(name);
  if (owner === undefined) return [own];
  const { package: folder, item, version } = parseName(owner);
  const qualified = `${upperCamel(item)}${own}`;
  const full = `${upperCamel(folder)}${qualified}`;
  return [own, qualified, `${qualified}${suffix(version)}`, full, `${full}${suffix(version)}`];
}

function wantedInterfaces(world: WorldDescriptor): Wanted<InterfaceDescriptor>[] {
  const imported = new Set(world.imports.map(({ name }) => name));
  const exported = new Set(world.exports.map(({ name }) => name));
  return [
    ...world.imports.flatMap((one) => wantedInterface(one, exported.has(one.name) ? 'Import' : '')),
    ...world.exports.flatMap((one) => wantedInterface(one, imported.has(one.name) ? 'Export' : '')),
  ];
}

/** `Stock`, else `StockInterface`, `StockV1_0_0`, `ShopStock`, `ShopStockV1_0_0`. */
export function wantedInterface(one: InterfaceDescriptor, direction: string): Wanted<InterfaceDescriptor>[] {
  if (one.name === null) return [];
  const { package: folder, item, version } = parseName(one.name);
  const name = `${upperCamel(item)}${direction}`;
  const full = `${upperCamel(folder)}${name}`;
  const names = [name, `${name}Interface`, `${name}${suffix(version)}`, full, `${full}${suffix(version)}`];
  return [{ id: one, names }];
}

function suffix(version: string): string {
  return version === '' ? '' : `V${version.replace(/\W/g, '_')}`;
}
