// Owns the classes of a component's resources as users see them, for one context.
import type { BoundFunction } from '../world/functions.js';
import type { GuestHandle } from './handles.js';
import { methodKey, type Resource, staticKey } from './resource.js';

export type Invoke = (callee: BoundFunction, args: unknown[]) => Promise<unknown>;

/** A resource with the functions that belong to it. */
export interface ResourceMembers {
  readonly resource: Resource;
  readonly create: BoundFunction | undefined;
  readonly statics: readonly BoundFunction[];
  readonly methods: readonly BoundFunction[];
  readonly drop: BoundFunction;
}

interface Bound {
  readonly handle: GuestHandle;
  readonly invoke: Invoke;
}

/** By object: what nobody can forge or copy from one to another. */
const bound = new WeakMap<object, Bound>();

/** The handle behind an object that a context made. */
export function handleOf(value: unknown): GuestHandle | undefined {
  return typeof value === 'object' && value !== null ? bound.get(value)?.handle : undefined;
}

/** How an object calls its method `name`: what a context made is no promise, though it may have a `then`. */
export const methodOf = (object: object, name: string): string =>
  name === 'then' && bound.has(object) ? 'then_' : name;

/** The class has a `create`, and no constructor: made by a context, for what lives in its VM. */
const guestClasses = new WeakSet<object>();

export const isGuestClass = (value: unknown): boolean =>
  typeof value === 'function' && guestClasses.has(value);

export class GuestClasses {
  readonly #prototypes = new Map<Resource, object>();
  readonly #invoke: Invoke;

  constructor(all: readonly ResourceMembers[], invoke: Invoke) {
    this.#invoke = invoke;
    for (const members of all) this.#prototypes.set(members.resource, prototypeOf(members));
  }

  instance(handle: GuestHandle): object {
    return this.#make(handle, this.#invoke);
  }

  /** Another object for the same resource, whose methods are invoked otherwise. */
  bind(object: unknown, invoke: Invoke): object {
    const handle = handleOf(object);
    if (handle?.handles.classes?.deref() !== this) {
      throw new TypeError('bind: expected a resource of this context');
    }
    return this.#make(handle, invoke);
  }

  /** The class, whose constructor and static methods are invoked by `invoke`. */
  class({ resource, create, statics }: ResourceMembers, invoke: Invoke): object {
    return makeClass(resource, this.#prototypes.get(resource)!, create, statics, invoke);
  }

  #make(handle: GuestHandle, invoke: Invoke): object {
    const object = Object.create(this.#prototypes.get(handle.resource)!) as object;
    bound.set(object, { handle, invoke });
    return object;
  }
}

/** The class where there is no context: everything that it has answers through `invoke`, which refuses. */
export function classOutsideContext({ resource, create, statics }: ResourceMembers, invoke: Invoke): object {
  return makeClass(resource, {}, create, statics, invoke);
}

function makeClass(
  { className }: Resource,
  prototype: object,
  create: BoundFunction | undefined,
  statics: readonly BoundFunction[],
  invoke: Invoke,
): object {
  const hint = create === undefined ? 'the component makes them' : `use await ${className}.create(...)`;
  // biome-ignore lint/complexity/useArrowFunction: `new` must reach it, to say what to do instead
  const made = function (): never {
    throw new TypeError(`new ${className}(): its objects live in a VM; ${hint}`);
  };
  define(made, 'name', className);
  Object.defineProperty(made, 'prototype', { value: prototype, writable: false });
  if (create !== undefined) define(made, 'create', bind(create, invoke));
  for (const one of statics) define(made, staticKey(one.descriptor), bind(one, invoke));
  guestClasses.add(made);
  return Object.freeze(made);
}

function prototypeOf({ resource, methods, drop }: ResourceMembers): object {
  const prototype = {};
  for (const method of methods) {
    define(prototype, methodKey(method.descriptor), function (this: unknown, ...args: unknown[]) {
      return invokeOn(this, method, args);
    });
  }
  define(prototype, Symbol.asyncDispose, function (this: unknown): Promise<void> {
    return dispose(this, drop);
  });
  define(prototype, Symbol.toStringTag, resource.className);
  return Object.freeze(prototype);
}

function invokeOn(object: unknown, callee: BoundFunction, args: unknown[]): Promise<unknown> {
  const known = bound.get(object as object);
  if (known === undefined) {
    return Promise.reject(new TypeError(`${callee.name}: called on something that is no resource`));
  }
  return known.invoke(callee, [object, ...args]);
}

/** Once, and not where somebody else owns it or its state is gone. */
async function dispose(object: unknown, drop: BoundFunction): Promise<void> {
  const known = bound.get(object as object);
  if (known === undefined || known.handle.state !== 'alive' || known.handle.handles.isOver) return;
  await known.invoke(drop, [object]);
}

const bind =
  (callee: BoundFunction, invoke: Invoke) =>
  (...args: unknown[]): Promise<unknown> =>
    invoke(callee, args);

function define(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: typeof key === 'string', configurable: true });
}
