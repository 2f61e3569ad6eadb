// Owns what is known of each resource type of a component: whose it is, what it is called, what its objects can do.
import {
  type FunctionDescriptor,
  type InterfaceDescriptor,
  partsOf,
  resolve,
  type TypeDescriptor,
  type TypeRef,
  type WorldDescriptor,
} from '../descriptor.js';
import { exportKey, lowerCamel, upperCamel } from '../names.js';

/** How the runtime and the host call what they do when a handle is dropped. */
const DROP = '[resource-drop]';

export type Side = 'imports' | 'exports';

export interface Resource {
  /** As in WIT: `bucket`. */
  readonly name: string;
  /** The key of its class: `Bucket`. */
  readonly className: string;
  /** The interface that has it, or null for the world itself. */
  readonly interface: string | null;
  /** The component made it; otherwise its objects are the host's. */
  readonly isGuests: boolean;
  /** What an object of the host's has to have. */
  readonly methods: readonly string[];
  /** `[resource-drop]bucket`. */
  readonly dropName: string;
}

/**
 * The resources of one component. A resource of an interface that is both imported and exported is two: in functions
 * of the import the host's, in functions of exports the component's.
 */
export class Resources {
  readonly #world: WorldDescriptor;
  readonly #exported: ReadonlySet<string | null>;
  readonly #made = new Map<string, Resource>();

  constructor(world: WorldDescriptor) {
    this.#world = world;
    this.#exported = new Set(world.exports.map(({ name }) => name).filter((name) => name !== null));
  }

  /** What `index`, a resource type or another name for one, is in functions of that side. */
  of(side: Side, index: number): Resource {
    const { types } = this.#world;
    const at = targetOf(types, index);
    const type = types[at]!;
    const owner = type.owner ?? null;
    const isGuests = side === 'exports' && this.#exported.has(owner);
    const key = `${isGuests}:${at}`;
    let resource = this.#made.get(key);
    if (resource === undefined) {
      const name = type.name ?? 'resource';
      const of = isGuests ? this.#world.exports : this.#world.imports;
      const methods = functionsOf(of, at, 'method').map((one) => lowerCamel(memberOf(one)));
      const dropName = `${DROP}${name}`;
      resource = { name, className: upperCamel(name), interface: owner, isGuests, methods, dropName };
      this.#made.set(key, resource);
    }
    return resource;
  }

  /** All that `one` declares and that have the meaning they have there. */
  in(side: Side, one: InterfaceDescriptor): Resource[] {
    const { types } = this.#world;
    const declared = one.types.filter((index) => types[index]?.kind === 'resource');
    return declared.map((index) => this.of(side, index));
  }

  /** Whether a value of the function is, or holds, a resource of the component's. */
  dealsWithGuests(side: Side, { params, result }: FunctionDescriptor): boolean {
    const seen = new Set<number>();
    const refs = params.map(({ type }) => type);
    return [...refs, ...(result === undefined ? [] : [result])].some((ref) => this.#holds(side, ref, seen));
  }

  #holds(side: Side, ref: TypeRef, seen: Set<number>): boolean {
    if (typeof ref !== 'number' || seen.has(ref)) return false;
    seen.add(ref);
    const type = resolve(this.#world.types, ref);
    if (typeof type === 'string') return false;
    if (type.kind === 'own' || type.kind === 'borrow') return this.of(side, type.resource).isGuests;
    return partsOf(type).some((part) => this.#holds(side, part, seen));
  }
}

/** In which side's sense a function speaks of resources: what a world itself exports speaks of what it imports. */
export function meaningOf(side: Side, interfaceName: string | null): Side {
  return interfaceName === null ? 'imports' : side;
}

/** `get` of `[method]bucket.get`; of a plain function its name. */
export function memberOf({ name }: FunctionDescriptor): string {
  return name.slice(name.indexOf('.') + 1);
}

/** `then` would make a promise of the object, and a class has `prototype` and `create` already. */
export function methodKey(one: FunctionDescriptor): string {
  return exportKey(memberOf(one));
}

const TAKEN_STATICS = new Set(['create', 'prototype']);

export function staticKey(one: FunctionDescriptor): string {
  const key = exportKey(memberOf(one));
  return TAKEN_STATICS.has(key) ? `${key}_` : key;
}

/** `a bucket`, `an entry`: how messages speak of one. */
export function oneOf({ className }: Resource): string {
  return `${/^[AEIOU]/.test(className) ? 'an' : 'a'} ${className}`;
}

/** The index behind other names. */
function targetOf(types: readonly TypeDescriptor[], index: number): number {
  let at = index;
  for (let step = 0; step <= types.length; step++) {
    const type = types[at];
    if (type?.kind === 'resource') return at;
    if (type?.kind !== 'alias' || typeof type.type !== 'number') break;
    at = type.type;
  }
  throw new Error(`descriptor: type ${index} is no resource`);
}

function functionsOf(
  interfaces: readonly InterfaceDescriptor[],
  resource: number,
  kind: FunctionDescriptor['kind'],
): FunctionDescriptor[] {
  const all = interfaces.flatMap(({ functions }) => functions);
  return all.filter((one) => one.kind === kind && one.resource === resource);
}
