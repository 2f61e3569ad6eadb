// Owns who implements a resource: in imports always the host, in an exported interface also the plug-in.
import {
  type FunctionDescriptor,
  type InterfaceDescriptor,
  type TypeRef,
  typeAt,
  type WorldDescriptor,
} from './descriptor.js';
import { refsOfType } from './references.js';

/** From which side of the world a type is looked at. */
export type Face = 'import' | 'export';

/** A type as one side has it. */
export interface FacedType {
  readonly index: number;
  readonly face: Face;
}

export interface Resource extends FacedType {
  /** Constructor, methods and static functions. */
  readonly functions: readonly FunctionDescriptor[];
}

/** What a world's types are on either side. An interface that is imported and exported has two resources of each name. */
export class Faces {
  readonly #world: WorldDescriptor;
  readonly #imported: ReadonlyMap<number, Resource>;
  readonly #exported: ReadonlyMap<number, Resource>;
  /** By index: whether a type is, or is made of, a resource that an exported interface declares. */
  readonly #ofGuest: readonly boolean[];
  /** Likewise: one that an import declares too, so that the type is not the same on both sides. */
  readonly #twofold: readonly boolean[];

  constructor(world: WorldDescriptor) {
    this.#world = world;
    this.#imported = resourcesOf(world, 'import');
    this.#exported = resourcesOf(world, 'export');
    this.#ofGuest = reaching(world, (index) => this.#exported.has(index));
    this.#twofold = reaching(world, (index) => this.#exported.has(index) && this.#imported.has(index));
  }

  /** The type as `face` has it; the same for both where nothing makes a difference. */
  of(index: number, face: Face): FacedType {
    return { index, face: this.#twofold[index] === true ? face : 'import' };
  }

  /** Whether there are two, the host's and the plug-in's. */
  isTwofold(index: number): boolean {
    return this.#twofold[index] === true;
  }

  /** The resource at `index`, unless no interface of the world declares it. */
  resource(index: number, face: Face): Resource | undefined {
    const [first, second] =
      face === 'import' ? [this.#imported, this.#exported] : [this.#exported, this.#imported];
    return first.get(index) ?? second.get(index);
  }

  /** All, those of imports first. */
  get resources(): readonly Resource[] {
    return [...this.#imported.values(), ...this.#exported.values()];
  }

  /** The resources that `one`, an interface of the side `face`, declares. */
  declaredBy(one: InterfaceDescriptor, face: Face): readonly Resource[] {
    return one.types.flatMap((index) => {
      if (typeAt(this.#world.types, index).kind !== 'resource') return [];
      const resource = this.resource(index, face);
      return resource === undefined ? [] : [resource];
    });
  }

  /** Whether an exported function takes or gives a resource of the plug-in. */
  needsContext({ params, result, resource }: FunctionDescriptor, face: Face): boolean {
    const isOfGuest = (ref: TypeRef | undefined) =>
      typeof ref === 'number' && this.#ofGuest[ref] === true && (face === 'export' || !this.isTwofold(ref));
    return isOfGuest(resource) || isOfGuest(result) || params.some(({ type }) => isOfGuest(type));
  }
}

/** What the world's own level exports speaks of the imports' resources: `use` in a world is an import. */
export function faceOf(one: InterfaceDescriptor, side: Face): Face {
  return one.name === null ? 'import' : side;
}

function resourcesOf(world: WorldDescriptor, face: Face): Map<number, Resource> {
  const resources = new Map<number, Resource>();
  for (const { functions, types } of face === 'import' ? world.imports : world.exports) {
    for (const index of types) {
      if (typeAt(world.types, index).kind !== 'resource') continue;
      resources.set(index, { index, face, functions: functions.filter((fn) => fn.resource === index) });
    }
  }
  return resources;
}

/** For each type whether `isIt`, or whether it refers to one that does. Types refer backwards only. */
function reaching({ types }: WorldDescriptor, isIt: (index: number) => boolean): boolean[] {
  const reaches: boolean[] = [];
  for (const [index, type] of types.entries()) {
    reaches.push(isIt(index) || refsOfType(type).some((ref) => typeof ref === 'number' && reaches[ref]));
  }
  return reaches;
}
