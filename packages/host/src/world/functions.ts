// Owns the functions of a component that can be called or have to be provided, each with its codec.

import { Codecs, UnsupportedType } from '../codec/compile.js';
import { FunctionCodec } from '../codec/functions.js';
import { dropped } from '../codec/resources.js';
import type { Artifact } from '../component/artifact.js';
import { isLeftover } from '../component/leftovers.js';
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from '../descriptor.js';
import { ComponentError } from '../errors/classes.js';
import { qualifiedName } from '../names.js';
import { meaningOf, type Resource, Resources, type Side } from '../resources/resource.js';
import type { Granting } from '../wasi/grant.js';
import { findInterface } from './compare.js';

export interface BoundFunction {
  /** `acme:shop/stock@1.0.0#count`. */
  readonly name: string;
  readonly interface: string | null;
  readonly descriptor: FunctionDescriptor;
  /** Its number in what the VM was told to load. */
  readonly index: number;
  readonly codec: FunctionCodec;
  /** Of the resource whose constructor, method or static function it is, or whose handles it drops. */
  readonly resource: Resource | undefined;
  /** It is what is called when a handle is dropped. */
  readonly isDrop: boolean;
  /** It deals with resources of the component's, which live in a context. */
  readonly needsContext: boolean;
}

export interface BoundFunctions {
  readonly exports: readonly BoundFunction[];
  /** Those that the VM does not serve itself. */
  readonly imports: readonly BoundFunction[];
  /** Whether a value of any of them can be, or hold, a resource. */
  readonly hasResources: boolean;
  /** What the VM is told to load, in the order of the numbers. */
  readonly loadExports: [string | null, string][];
  readonly loadImports: [string | null, string][];
}

const bound = new WeakMap<Artifact, BoundFunctions>();

/**
 * Throws a ComponentError naming the first function whose types cannot cross. With a `world`, only its exports
 * count: what else the component exports is not called.
 */
export function bindFunctions(
  artifact: Artifact,
  world: WorldDescriptor | undefined,
  granting?: Granting,
): BoundFunctions {
  if (world !== undefined || granting !== undefined) return bind(artifact, world, granting);
  let functions = bound.get(artifact);
  if (functions === undefined) {
    functions = bind(artifact, undefined, undefined);
    bound.set(artifact, functions);
  }
  return functions;
}

function bind(
  { descriptor, wasi }: Artifact,
  world: WorldDescriptor | undefined,
  granting: Granting | undefined,
): BoundFunctions {
  const resources = new Resources(descriptor);
  const inside = new Set([...wasi].map((name) => name.slice(0, name.indexOf('#'))));
  const isServed = ({ name }: Pick<InterfaceDescriptor, 'name'>): boolean =>
    name !== null && granting?.servesResources(name) !== true && servedInside(name, inside);

  const exports = new Binder('exports', descriptor, resources, isServed);
  const loadExports = descriptor.exports.flatMap((one) => listed(one, resources.in('exports', one)));
  const imports = new Binder('imports', descriptor, resources, isServed);
  const loadImports = descriptor.imports.flatMap((one) =>
    listed(one, isServed(one) ? [] : resources.in('imports', one)).filter(
      (each) =>
        !wasi.has(qualifiedName(each.interface, each.name)) ||
        granting?.serves(each.interface ?? '', each.name),
    ),
  );
  const offered = loadExports.flatMap((one, index) => (isOf(world, one) ? [exports.bind(one, index)] : []));
  const wanted = loadImports.map((one, index) => imports.bind(one, index));
  return {
    exports: offered,
    imports: wanted,
    hasResources: exports.hasResources || imports.hasResources,
    loadExports: loadExports.map(pair),
    loadImports: loadImports.map(pair),
  };
}

const WASI = /^wasi:(?:cli|clocks|filesystem|http|io|random|sockets)\/[^@]+@0\.2\./;

/** Also an interface of which a component uses nothing but a resource's name. */
function servedInside(name: string, inside: ReadonlySet<string>): boolean {
  return inside.has(name) || WASI.test(name);
}

interface Listed {
  readonly interface: string | null;
  readonly name: string;
  /** None of the function that drops a handle: WIT does not have it. */
  readonly descriptor: FunctionDescriptor | undefined;
  readonly dropped?: Resource;
}

/** Its functions, and one for the end of each resource. */
function listed(one: InterfaceDescriptor, resources: readonly Resource[]): Listed[] {
  const functions = one.functions.map((descriptor) => ({
    interface: one.name,
    name: descriptor.name,
    descriptor,
  }));
  const drops = resources.map((resource) => ({
    interface: one.name,
    name: resource.dropName,
    descriptor: undefined,
    dropped: resource,
  }));
  return [...functions, ...drops];
}

const pair = (one: Listed): [string | null, string] => [one.interface, one.name];

function isOf(world: WorldDescriptor | undefined, one: Listed): boolean {
  if (one.descriptor !== undefined && isLeftover(one.interface, one.descriptor)) return false;
  if (world === undefined || one.descriptor === undefined) return true;
  const there = findInterface(world.exports, one.interface);
  return there?.functions.some((candidate) => candidate.name === one.name) ?? false;
}

/** Makes the functions of one side. */
class Binder {
  hasResources = false;
  readonly #side: Side;
  readonly #resources: Resources;
  readonly #codecs: Readonly<Record<Side, Codecs>>;

  constructor(
    side: Side,
    { types }: WorldDescriptor,
    resources: Resources,
    isServed: (one: Pick<InterfaceDescriptor, 'name'>) => boolean,
  ) {
    this.#side = side;
    this.#resources = resources;
    const codecs = (meaning: Side): Codecs =>
      new Codecs(types, (index) => {
        const resource = resources.of(meaning, index);
        if (!resource.isGuests && isServed({ name: resource.interface })) {
          throw new UnsupportedType(`${resource.name} of ${resource.interface}, which the VM serves itself`);
        }
        this.hasResources = true;
        return resource;
      });
    this.#codecs = { imports: codecs('imports'), exports: codecs('exports') };
  }

  bind(one: Listed, index: number): BoundFunction {
    const name = qualifiedName(one.interface, one.name);
    const base = { name, interface: one.interface, index };
    if (one.dropped !== undefined) return { ...base, ...dropOf(one.dropped, one.name) };
    const descriptor = one.descriptor!;
    const { resource } = descriptor;
    const meaning = meaningOf(this.#side, one.interface);
    try {
      return {
        ...base,
        descriptor,
        codec: FunctionCodec.of(this.#codecs[meaning], descriptor),
        resource: resource === undefined ? undefined : this.#resources.of(meaning, resource),
        isDrop: false,
        needsContext: this.#resources.dealsWithGuests(meaning, descriptor),
      };
    } catch (error) {
      if (!(error instanceof UnsupportedType)) throw error;
      throw new ComponentError(
        'ERR_HL_COMPONENT_UNSUPPORTED',
        `the component ${this.#side} ${name}, which this version cannot pass on: it has ${error.feature}\n  ${descriptor.wit}`,
      );
    }
  }
}

function dropOf(
  resource: Resource,
  name: string,
): Pick<BoundFunction, 'descriptor' | 'codec' | 'resource' | 'isDrop' | 'needsContext'> {
  return {
    descriptor: { name, kind: 'function', params: [], wit: name },
    codec: FunctionCodec.taking(dropped(resource)),
    resource,
    isDrop: true,
    needsContext: resource.isGuests,
  };
}
