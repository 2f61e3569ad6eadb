// Owns finding what provides the functions of a host's resource: its class, its objects, or what drops them.

import { lowerCamel, withoutVersion } from '../names.js';
import { isGuestClass, methodOf } from '../resources/guest-classes.js';
import { memberOf, type Resource, staticKey } from '../resources/resource.js';
import type { BoundFunction } from '../world/functions.js';

type Run = (...args: unknown[]) => unknown;
type Class = Readonly<Record<string, unknown>> & (new (...args: unknown[]) => unknown);

/** Undefined where nothing provides it. Throws a TypeError for what cannot. */
export function resourceFunction(wanted: BoundFunction, resource: Resource, owner: unknown): Run | undefined {
  // The codec has made of the handle what there is to do.
  if (wanted.isDrop) return (dispose) => (dispose as () => unknown)();
  if (wanted.descriptor.kind === 'method') return method(lowerCamel(memberOf(wanted.descriptor)));
  const given =
    owner === undefined ? undefined : granted(owner as Record<string, unknown>, resource.className);
  if (given === undefined) return undefined;
  const path = `${pathOf(wanted.interface)}.${resource.className}`;
  if ((typeof given !== 'function' && typeof given !== 'object') || given === null) {
    throw new TypeError(`${path}: expected class, got ${kindOf(given)}`);
  }
  return wanted.descriptor.kind === 'constructor'
    ? constructorOf(given as Class, path)
    : staticOf(given as Class, wanted, path);
}

/** Every object that crosses was looked at: it has the method. */
function method(name: string): Run {
  return (self, ...args) => (self as Record<string, Run>)[methodOf(self as object, name)]!(...args);
}

/** A class of another sandbox's context makes its objects there, which takes a call: it has no constructor. */
function constructorOf(given: Class, path: string): Run {
  if (typeof given === 'function' && !isGuestClass(given)) return (...args) => new given(...args);
  const { create } = given;
  if (typeof create === 'function') return (...args) => create.apply(given, args);
  throw new TypeError(`${path}: expected a class, or an object with create(), got neither`);
}

function staticOf(given: Class, { descriptor }: BoundFunction, path: string): Run | undefined {
  const name = isGuestClass(given) ? staticKey(descriptor) : lowerCamel(memberOf(descriptor));
  const run = given[name];
  if (typeof run === 'function') return (...args) => run.apply(given, args);
  if (run === undefined) return undefined;
  throw new TypeError(`${path}.${name}: expected function, got ${kindOf(run)}`);
}

/** What the user put there. `toString` and the like, which every object inherits, nobody has granted. */
export function granted(owner: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(owner, name)) return owner[name];
  const isOfEveryObject = name === 'constructor' || owner[name] === Reflect.get(Object.prototype, name);
  return isOfEveryObject ? undefined : owner[name];
}

/** How messages name where an interface's functions are looked for. */
export function pathOf(interfaceName: string | null): string {
  return interfaceName === null ? 'imports' : `imports[${quoted(withoutVersion(interfaceName))}]`;
}

export const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value);

export const quoted = (text: string): string => `'${text}'`;
