// Owns the functions of a component that can be called or have to be provided, each with its codec.

import { Codecs, UnsupportedType } from '../codec/compile.js';
import { FunctionCodec } from '../codec/functions.js';
import type { Artifact } from '../component/artifact.js';
import { isLeftover } from '../component/leftovers.js';
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from '../descriptor.js';
import { ComponentError } from '../errors/classes.js';
import { qualifiedName } from '../names.js';
import { findInterface } from './compare.js';

export interface BoundFunction {
  /** `acme:shop/stock@1.0.0#count`. */
  readonly name: string;
  readonly interface: string | null;
  readonly descriptor: FunctionDescriptor;
  /** Its number in what the VM was told to load. */
  readonly index: number;
  readonly codec: FunctionCodec;
}

export interface BoundFunctions {
  readonly exports: readonly BoundFunction[];
  /** Those that the VM does not serve itself. */
  readonly imports: readonly BoundFunction[];
  /** What the VM is told to load, in the order of the numbers. */
  readonly loadExports: [string | null, string][];
  readonly loadImports: [string | null, string][];
}

const bound = new WeakMap<Artifact, BoundFunctions>();

/**
 * Throws a ComponentError naming the first function whose types cannot cross. With a `world`, only its exports
 * count: what else the component exports is not called.
 */
export function bindFunctions(artifact: Artifact, world: WorldDescriptor | undefined): BoundFunctions {
  if (world !== undefined) return bind(artifact, world);
  let functions = bound.get(artifact);
  if (functions === undefined) {
    functions = bind(artifact, undefined);
    bound.set(artifact, functions);
  }
  return functions;
}

function bind({ descriptor, wasi }: Artifact, world: WorldDescriptor | undefined): BoundFunctions {
  const codecs = new Codecs(descriptor.types);
  const loadExports = all(descriptor.exports);
  const exports = loadExports.flatMap((one, index) =>
    isLeftover(one.interface, one.descriptor) || !isOf(world, one)
      ? []
      : [withCodec(codecs, 'exports', one, index)],
  );
  const loadImports = all(descriptor.imports).filter(
    (one) => !wasi.has(qualifiedName(one.interface, one.descriptor.name)),
  );
  const imports = loadImports.map((one, index) => withCodec(codecs, 'imports', one, index));
  return { exports, imports, loadExports: loadExports.map(pair), loadImports: loadImports.map(pair) };
}

interface Listed {
  readonly interface: string | null;
  readonly descriptor: FunctionDescriptor;
}

const all = (interfaces: readonly InterfaceDescriptor[]): Listed[] =>
  interfaces.flatMap((one) => one.functions.map((descriptor) => ({ interface: one.name, descriptor })));

const pair = (one: Listed): [string | null, string] => [one.interface, one.descriptor.name];

function isOf(world: WorldDescriptor | undefined, one: Listed): boolean {
  if (world === undefined) return true;
  const there = findInterface(world.exports, one.interface);
  return there?.functions.some((candidate) => candidate.name === one.descriptor.name) ?? false;
}

function withCodec(codecs: Codecs, side: 'exports' | 'imports', one: Listed, index: number): BoundFunction {
  const name = qualifiedName(one.interface, one.descriptor.name);
  try {
    return { ...one, name, index, codec: new FunctionCodec(codecs, one.descriptor) };
  } catch (error) {
    if (!(error instanceof UnsupportedType)) throw error;
    throw new ComponentError(
      'ERR_HL_COMPONENT_UNSUPPORTED',
      `the component ${side} ${name}, which this version cannot pass on: it has ${error.feature}\n  ${one.descriptor.wit}`,
    );
  }
}
