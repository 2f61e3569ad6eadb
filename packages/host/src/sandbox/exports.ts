// Owns the `exports` objects: which keys lead to which function.
import { exportKey, shortName, withoutVersion } from '../names.js';
import type { BoundFunction } from '../world/functions.js';

export type Invoke = (callee: BoundFunction, args: unknown[]) => Promise<unknown>;

interface Group {
  readonly name: string;
  readonly members: readonly (readonly [key: string, callee: BoundFunction])[];
}

/** Where everything is found, worked out once for a sandbox. */
export interface Layout {
  readonly functions: Group['members'];
  /** Each interface once for each of its keys: last part, without version, full name. */
  readonly interfaces: readonly (readonly [key: string, group: Group])[];
  /** Keys that could mean several interfaces, with their full names. */
  readonly ambiguous: readonly (readonly [key: string, choices: readonly string[]])[];
}

export function layoutOf(functions: readonly BoundFunction[]): Layout {
  const member = (one: BoundFunction): readonly [string, BoundFunction] => [
    exportKey(one.descriptor.name),
    one,
  ];
  const ofWorld = functions.filter((one) => one.interface === null).map(member);
  const taken = new Set(ofWorld.map(([key]) => key));
  const names = [...new Set(functions.map((one) => one.interface).filter((name) => name !== null))];
  const meanings = new Map<string, Set<string>>();
  for (const name of names) {
    for (const key of [shortName(name), withoutVersion(name), name]) {
      if (!taken.has(key)) meanings.set(key, (meanings.get(key) ?? new Set()).add(name));
    }
  }
  const groups = new Map(
    names.map((name) => [
      name,
      { name, members: functions.filter((one) => one.interface === name).map(member) },
    ]),
  );
  // A full name means itself, also where it is the short name of another.
  const sole = (key: string, set: Set<string>): string | undefined =>
    set.size === 1 ? [...set][0] : set.has(key) ? key : undefined;
  const entries = [...meanings].map(([key, set]) => ({ key, set, name: sole(key, set) }));
  return {
    functions: ofWorld,
    interfaces: entries.flatMap(({ key, name }) =>
      name === undefined ? [] : [[key, groups.get(name)!] as const],
    ),
    ambiguous: entries.flatMap(({ key, set, name }) =>
      name === undefined ? [[key, [...set]] as const] : [],
    ),
  };
}

/** The frozen plain object that users see as `sandbox.exports`. */
export function buildExports(layout: Layout, invoke: Invoke): object {
  const exports: Record<string, unknown> = {};
  for (const [key, callee] of layout.functions) define(exports, key, bind(callee, invoke));
  const built = new Map<Group, object>();
  for (const [key, group] of layout.interfaces) {
    let members = built.get(group);
    if (members === undefined) {
      members = membersOf(group, invoke);
      built.set(group, members);
    }
    define(exports, key, members);
  }
  for (const [key, choices] of layout.ambiguous) {
    Object.defineProperty(exports, key, { get: () => refuseAmbiguous(key, choices) });
  }
  return Object.freeze(exports);
}

function membersOf(group: Group, invoke: Invoke): object {
  const members: Record<string, unknown> = {};
  for (const [key, callee] of group.members) define(members, key, bind(callee, invoke));
  return Object.freeze(members);
}

const bind =
  (callee: BoundFunction, invoke: Invoke) =>
  (...args: unknown[]): Promise<unknown> =>
    invoke(callee, args);

// Not by assignment: a function may be called like something that every object inherits.
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true });
}

function refuseAmbiguous(key: string, choices: readonly string[]): never {
  throw new TypeError(
    `exports.${key} could mean each of ${choices.map((one) => `exports['${one}']`).join(', ')}`,
  );
}

const INVOKE = Symbol('invoke');

/**
 * The same as getters on a shared prototype: making one costs nothing for functions that are not called, so a
 * view for a single call is cheap.
 */
export function lazyExportsOf(layout: Layout): (invoke: Invoke) => object {
  type Bound = { readonly [INVOKE]: Invoke };
  const prototype = {};
  const getter = (key: string, get: (this: Bound) => unknown): void => {
    Object.defineProperty(prototype, key, { get, enumerable: true });
  };
  for (const [key, callee] of layout.functions) {
    getter(key, function () {
      return bind(callee, this[INVOKE]);
    });
  }
  for (const [key, group] of layout.interfaces) {
    getter(key, function () {
      return membersOf(group, this[INVOKE]);
    });
  }
  for (const [key, choices] of layout.ambiguous) getter(key, () => refuseAmbiguous(key, choices));
  return (invoke) => Object.create(prototype, { [INVOKE]: { value: invoke } }) as object;
}
