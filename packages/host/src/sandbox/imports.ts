// Owns finding, for each function that a component imports, the one in `imports` that provides it.
import type { WorldDescriptor } from '../descriptor.js';
import { LinkError } from '../errors/classes.js';
import { lowerCamel, shortName, withoutVersion } from '../names.js';
import type { BoundFunction } from '../world/functions.js';
import type { UntypedImports } from './options.js';
import { granted, kindOf, pathOf, quoted, resourceFunction } from './resource-imports.js';
import { skeletonOf } from './skeleton.js';

/** A host function, ready to be called. */
export interface HostFunction {
  readonly wanted: BoundFunction;
  /** The object that has it, for `this`. */
  readonly owner: unknown;
  readonly run: (...args: unknown[]) => unknown;
}

interface Linking {
  readonly imports: UntypedImports;
  /** WASI that was granted, by full names of interfaces: not for `imports` to provide. */
  readonly granted?: Readonly<Record<string, object>>;
  /** What the component imports and the VM does not serve. */
  readonly wanted: readonly BoundFunction[];
  /** Full names of interfaces that the VM serves. */
  readonly isolated: readonly string[];
  /** What the given world offers: its interfaces may be in `imports` though the component uses none of them. */
  readonly world: WorldDescriptor | undefined;
}

/** In the order of `wanted`. Throws a LinkError with all that is missing, a TypeError for what fits nothing. */
export function linkImports({ imports, granted = {}, wanted, isolated, world }: Linking): HostFunction[] {
  const free = wanted.filter((one) => !Object.hasOwn(granted, one.interface ?? ''));
  const known = knownInterfaces(free, world);
  const given = new Map<string, unknown>(Object.entries(granted));
  for (const [key, value] of Object.entries(imports)) {
    if (value === undefined || typeof value === 'function') continue;
    const name = matchKey(key, known, isolated, free);
    const path = `imports[${quoted(key)}]`;
    if (typeof value !== 'object' || value === null) {
      throw new TypeError(
        `${path}: expected an object with functions, got ${value === null ? 'null' : typeof value}`,
      );
    }
    if (given.has(name)) throw new TypeError(`${path}: ${name} is given twice`);
    given.set(name, value);
  }
  refuseUnknownFunctions(imports, free, world);
  const functions = wanted.map((one) =>
    find(one, one.interface === null ? imports : given.get(one.interface)),
  );
  const missing = wanted.filter((_one, index) => functions[index] === undefined);
  if (missing.length > 0) throw linkError(missing);
  return functions as HostFunction[];
}

function knownInterfaces(wanted: readonly BoundFunction[], world: WorldDescriptor | undefined): string[] {
  const names = wanted.map((one) => one.interface).filter((name) => name !== null);
  const exact = new Set(names);
  const bare = new Set(names.map(withoutVersion));
  // The component's own version wins: that is the name under which it links.
  for (const { name } of world?.imports ?? []) {
    if (name !== null && !bare.has(withoutVersion(name))) exact.add(name);
  }
  return [...exact];
}

/** The interface that a key means: by full name, without version, or by the last part in lowerCamel. */
function matchKey(
  key: string,
  known: readonly string[],
  isolated: readonly string[],
  wanted: readonly BoundFunction[],
): string {
  if (known.includes(key)) return key;
  const matching = known.filter(
    (name) => withoutVersion(name) === withoutVersion(key) || shortName(name) === key,
  );
  if (matching.length === 1) return matching[0]!;
  const path = `imports[${quoted(key)}]`;
  if (matching.length > 1) {
    throw new TypeError(
      `${path}: it could mean each of ${matching.map(quoted).join(', ')}; write the one meant`,
    );
  }
  if (isolated.some((name) => withoutVersion(name) === withoutVersion(key) || shortName(name) === key)) {
    throw new TypeError(`${path}: the VM serves it in isolation, and only the option wasi grants more of it`);
  }
  const choices = [...known.map(withoutVersion), ...worldFunctions(wanted)];
  throw new TypeError(
    `${path}: the component imports no such interface; ${choices.length === 0 ? 'it imports nothing from the host' : `it imports ${choices.map(quoted).join(', ')}`}`,
  );
}

/** What may stand at the top of `imports`: the world's own functions, and the classes of its own resources. */
const worldFunctions = (wanted: readonly BoundFunction[]): string[] => {
  const ofWorld = wanted.filter((one) => one.interface === null);
  return [...new Set(ofWorld.map((one) => one.resource?.className ?? lowerCamel(one.descriptor.name)))];
};

function refuseUnknownFunctions(
  imports: UntypedImports,
  wanted: readonly BoundFunction[],
  world: WorldDescriptor | undefined,
): void {
  const offered = world?.imports.find((one) => one.name === null)?.functions ?? [];
  const plain = offered.filter((one) => one.kind === 'function');
  const known = new Set([...worldFunctions(wanted), ...plain.map((one) => lowerCamel(one.name))]);
  for (const [key, value] of Object.entries(imports)) {
    if (typeof value !== 'function' || known.has(key)) continue;
    const interfaces = new Set(wanted.map((one) => one.interface).filter((name) => name !== null));
    const choices = [...known, ...[...interfaces].map(withoutVersion)];
    throw new TypeError(
      `imports[${quoted(key)}]: the component imports no such function; ${choices.length === 0 ? 'it imports nothing from the host' : `it imports ${choices.map(quoted).join(', ')}`}`,
    );
  }
}

function find(wanted: BoundFunction, owner: unknown): HostFunction | undefined {
  if (wanted.resource !== undefined) {
    const run = resourceFunction(wanted, wanted.resource, owner);
    return run && { wanted, owner: undefined, run };
  }
  if (owner === undefined) return undefined;
  const name = lowerCamel(wanted.descriptor.name);
  const run = granted(owner as Record<string, unknown>, name);
  if (typeof run === 'function') return { wanted, owner, run: run as HostFunction['run'] };
  if (run === undefined) return undefined;
  throw new TypeError(`${pathOf(wanted.interface)}.${name}: expected function, got ${kindOf(run)}`);
}

function linkError(missing: readonly BoundFunction[]): LinkError {
  const list = missing.map((one) => ({
    interface: one.interface,
    name: one.descriptor.name,
    wit: one.descriptor.wit,
  }));
  const skeleton = skeletonOf(missing);
  const lines = list.map((one) => `  ${one.interface === null ? '' : `${one.interface} `}${one.wit}`);
  const count = list.length === 1 ? 'a function' : `${list.length} functions`;
  return new LinkError(
    `the component imports ${count} that nobody provides:\n${lines.join('\n')}\nadd to Sandbox.create:\n${skeleton}`,
    list,
    skeleton,
  );
}
