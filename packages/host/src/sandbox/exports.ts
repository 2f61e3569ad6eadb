// Owns the `exports` objects: which keys lead to which function or class.
import { ContextRequiredError } from '../errors/classes.js';
import { exportKey, shortName, withoutVersion } from '../names.js';
import {
  classOutsideContext,
  type GuestClasses,
  type Invoke,
  type ResourceMembers,
} from '../resources/guest-classes.js';
import type { BoundFunction } from '../world/functions.js';

export type { Invoke };

interface Group {
  readonly name: string;
  readonly members: readonly (readonly [key: string, callee: BoundFunction])[];
  readonly classes: readonly ResourceMembers[];
}

/** Where everything is found, worked out once for a sandbox. */
export interface Layout {
  readonly functions: Group['members'];
  /** Each interface once for each of its keys: last part, without version, full name. */
  readonly interfaces: readonly (readonly [key: string, group: Group])[];
  /** Keys that could mean several interfaces, with their full names. */
  readonly ambiguous: readonly (readonly [key: string, choices: readonly string[]])[];
  /** The resources of all interfaces. */
  readonly classes: readonly ResourceMembers[];
}

export function layoutOf(functions: readonly BoundFunction[]): Layout {
  const plain = functions.filter((one) => one.resource === undefined);
  const member = (one: BoundFunction): readonly [string, BoundFunction] => [
    exportKey(one.descriptor.name),
    one,
  ];
  const ofWorld = plain.filter((one) => one.interface === null).map(member);
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
      {
        name,
        members: plain.filter((one) => one.interface === name).map(member),
        classes: classesOf(functions.filter((one) => one.interface === name)),
      },
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
    classes: [...groups.values()].flatMap((group) => group.classes),
  };
}

/** Each resource for which there is a function that drops it, which comes with every resource. */
function classesOf(functions: readonly BoundFunction[]): ResourceMembers[] {
  return functions.flatMap((drop) => {
    if (!drop.isDrop || drop.resource === undefined) return [];
    const { resource } = drop;
    const ofKind = (kind: string): BoundFunction[] =>
      functions.filter((one) => one.resource === resource && !one.isDrop && one.descriptor.kind === kind);
    const [create] = ofKind('constructor');
    return [{ resource, create, statics: ofKind('static'), methods: ofKind('method'), drop }];
  });
}

/** The frozen plain object that users see as `exports`: of a context with its `classes`, else without. */
export function buildExports(layout: Layout, invoke: Invoke, classes?: GuestClasses): object {
  const exports: Record<string, unknown> = {};
  for (const [key, callee] of layout.functions) define(exports, key, bind(callee, invoke, classes));
  const built = new Map<Group, object>();
  for (const [key, group] of layout.interfaces) {
    let members = built.get(group);
    if (members === undefined) {
      members = membersOf(group, invoke, classes);
      built.set(group, members);
    }
    define(exports, key, members);
  }
  for (const [key, choices] of layout.ambiguous) {
    Object.defineProperty(exports, key, { get: () => refuseAmbiguous(key, choices) });
  }
  return Object.freeze(exports);
}

function membersOf(group: Group, invoke: Invoke, classes: GuestClasses | undefined): object {
  const members: Record<string, unknown> = {};
  for (const [key, callee] of group.members) define(members, key, bind(callee, invoke, classes));
  for (const one of group.classes) {
    const made = classes === undefined ? classOutsideContext(one, refuse) : classes.class(one, invoke);
    define(members, one.resource.className, made);
  }
  return Object.freeze(members);
}

function bind(callee: BoundFunction, invoke: Invoke, classes: GuestClasses | undefined) {
  const way = callee.needsContext && classes === undefined ? refuse : invoke;
  return (...args: unknown[]): Promise<unknown> => way(callee, args);
}

const refuse: Invoke = (callee) => Promise.reject(new ContextRequiredError(callee.name));

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
const CLASSES = Symbol('classes');

/**
 * The same as getters on a shared prototype: making one costs nothing for functions that are not called, so a
 * view for a single call is cheap.
 */
export function lazyExportsOf(layout: Layout): (invoke: Invoke, classes?: GuestClasses) => object {
  type Bound = { readonly [INVOKE]: Invoke; readonly [CLASSES]: GuestClasses | undefined };
  const prototype = {};
  const getter = (key: string, get: (this: Bound) => unknown): void => {
    Object.defineProperty(prototype, key, { get, enumerable: true });
  };
  for (const [key, callee] of layout.functions) {
    getter(key, function () {
      return bind(callee, this[INVOKE], this[CLASSES]);
    });
  }
  for (const [key, group] of layout.interfaces) {
    getter(key, function () {
      return membersOf(group, this[INVOKE], this[CLASSES]);
    });
  }
  for (const [key, choices] of layout.ambiguous) getter(key, () => refuseAmbiguous(key, choices));
  return (invoke, classes) =>
    Object.create(prototype, { [INVOKE]: { value: invoke }, [CLASSES]: { value: classes } }) as object;
}
