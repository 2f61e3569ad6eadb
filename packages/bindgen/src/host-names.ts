// Owns the names that a world's declarations have in the host's module.
import { Names, type Wanted } from './allocate.js';
import { type InterfaceDescriptor, type TypeDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import type { Face, FacedType, Faces } from './faces.js';
import { GLOBAL_TYPES, identifier, lowerCamel, parseName, upperCamel } from './names.js';

export interface HostNames {
  /** The constant that carries the descriptor. */
  readonly world: string;
  readonly imports: string;
  readonly exports: string;
  /** What a context can be called for, where that is more. */
  readonly contextExports: string;
  /** Every name that the module declares. */
  readonly declared: readonly string[];
  type(type: FacedType): string;
  /** The class of a resource. */
  class(resource: FacedType): string;
  interface(one: InterfaceDescriptor): string;
  /** The interface with the functions that need a context, beside that of the others. */
  inContext(one: InterfaceDescriptor): string;
}

/** `name` is what the world is called here, in kebab case. */
export function hostNames(world: WorldDescriptor, faces: Faces, name: string): HostNames {
  const base = upperCamel(name);
  const imports = `${base}Imports`;
  const exports = `${base}Exports`;
  const contextExports = `${base}ContextExports`;
  const names = new Names([...GLOBAL_TYPES, imports, exports, contextExports]);
  const types = names.assign(wantedTypes(world, faces));
  const interfaces = names.assign(wantedInterfaces(world));
  const contexts = names.assign(world.exports.flatMap((one) => wantedInterface(one, 'Context', '')));
  const camel = lowerCamel(name);
  // TypeScript keeps these two for itself where modules become CommonJS.
  const constant = camel === 'exports' || camel === 'require' ? `${camel}_` : identifier(camel);
  const idOf = ({ index, face }: FacedType) => faceId(faces.of(sameAs(world.types, index), face));
  return {
    world: constant,
    imports,
    exports,
    contextExports,
    declared: [
      constant,
      imports,
      exports,
      contextExports,
      ...types.values(),
      ...interfaces.values(),
      ...contexts.values(),
    ],
    type: (type) => named(types, idOf(type)),
    class: (resource) => named(types, `class ${idOf(resource)}`),
    interface: (one) => named(interfaces, one),
    inContext: (one) => named(contexts, one),
  };
}

function named<Id>(names: ReadonlyMap<Id, string>, id: Id): string {
  const name = names.get(id);
  if (name === undefined) throw new Error('descriptor: something has no name');
  return name;
}

const faceId = ({ index, face }: FacedType): string => `${face} ${index}`;

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

function wantedTypes(world: WorldDescriptor, faces: Faces): Wanted<string>[] {
  return world.types.flatMap((type, index) => {
    const { name, owner } = type;
    if (name === undefined || sameAs(world.types, index) !== index) return [];
    const both: readonly [Face, string][] = faces.isTwofold(index)
      ? [
          ['import', 'Host'],
          ['export', 'Guest'],
        ]
      : [[faces.of(index, 'import').face, '']];
    return both.flatMap(([face, whose]) => {
      const id = faceId({ index, face });
      const names = typeNames(name, owner).map((one) => `${whose}${one}`);
      const wanted = [{ id, names }];
      if (type.kind !== 'resource') return wanted;
      return [...wanted, { id: `class ${id}`, names: names.map((one) => `${one}Class`) }];
    });
  });
}

/** `Item`, else `StockItem`, `StockItemV1_0_0`, `ShopStockItem`, `ShopStockItemV1_0_0`. */
export function typeNames(name: string, owner: string | undefined): string[] {
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
    ...world.imports.flatMap((one) => wantedInterface(one, '', exported.has(one.name) ? 'Import' : '')),
    ...world.exports.flatMap((one) => wantedInterface(one, '', imported.has(one.name) ? 'Export' : '')),
  ];
}

/** `Stock`, else `StockInterface`, `StockV1_0_0`, `ShopStock`, `ShopStockV1_0_0`; with what stands before and after. */
export function wantedInterface(
  one: InterfaceDescriptor,
  before: string,
  after: string,
): Wanted<InterfaceDescriptor>[] {
  if (one.name === null) return [];
  const { package: folder, item, version } = parseName(one.name);
  const short = `${upperCamel(item)}${after}`;
  const full = `${upperCamel(folder)}${short}`;
  const names = [short, `${short}Interface`, `${short}${suffix(version)}`, full, `${full}${suffix(version)}`];
  return [{ id: one, names: names.map((name) => `${before}${name}`) }];
}

function suffix(version: string): string {
  return version === '' ? '' : `V${version.replace(/\W/g, '_')}`;
}
