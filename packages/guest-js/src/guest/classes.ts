// Owns the classes of resources: around the author's for the engine, and around the engine's for the author.
import { lowerCamel } from '../names.js';
import { type Boundary, NO_PROMISES, type Signature } from './boundary.js';
import type { AnyClass } from './resources.js';
import { isAsync, type Misfits, placeOf } from './unfit.js';

/** A member of a resource as the generated code names it; the first parameter of a method is the resource. */
export interface Member extends Signature {
  kind: 'constructor' | 'method' | 'static';
  name: string;
  wit: string;
}

export interface ResourceClass {
  name: string;
  type: number;
  members: readonly Member[];
}

type AnyFunction = (...args: unknown[]) => unknown;
type Functions = Record<string, AnyFunction>;

/** What the engine calls in place of the author's class. What the author's lacks is added to `misfits`. */
export function exportedClass(
  boundary: Boundary,
  { name, type, members }: ResourceClass,
  found: unknown,
  where: string,
  misfits: Misfits,
): unknown {
  if (typeof found !== 'function') {
    misfits.add(`${where} has no class ${name}; add: ${name}: class { ${members.map(written).join(' ')} }`);
    return found;
  }
  const author = found as AnyClass & Functions;
  const maker = members.find(({ kind }) => kind === 'constructor');
  const construct = maker
    ? boundary.exported(maker, undefined, (...args) => new author(...args))
    : () => {
        throw new TypeError(`${name} has no constructor in its WIT`);
      };
  const stand = boundary.resources.define(type, author, construct) as AnyClass & Functions;
  for (const member of members.filter(({ kind }) => kind !== 'constructor')) {
    const key = lowerCamel(member.name);
    const isStatic = member.kind === 'static';
    const implementation = (isStatic ? author : (author.prototype as Functions))[key];
    if (typeof implementation !== 'function') {
      misfits.add(`${name} of ${where} has no ${isStatic ? 'static ' : ''}method ${key} (${member.wit})`);
      continue;
    }
    if (isAsync(implementation) && !boundary.awaits) {
      misfits.add(
        `${name}.${key} of ${where} is async, so that it returns ${NO_PROMISES}`,
        placeOf(implementation),
      );
    }
    if (isStatic) stand[key] = boundary.exported(member, author, implementation);
    else {
      const call = boundary.exported(member, undefined, (self, ...args) =>
        (self as Functions)[key]?.(...args),
      );
      (stand.prototype as Functions)[key] = function (this: unknown, ...args) {
        return call(this, ...args);
      };
    }
  }
  return stand;
}

function written({ kind, name }: Member): string {
  const key = lowerCamel(name);
  if (kind === 'constructor') return 'constructor() { ... }';
  return kind === 'static' ? `static ${key}() { ... }` : `${key}() { ... }`;
}

/** A module is there under two names, with its version and without: the class of both is one, and is wrapped once. */
const shownOf = new WeakMap<AnyClass, AnyFunction>();

/** What the author uses: the engine's class, with members that check and convert as functions do. */
export function importedClass(
  boundary: Boundary,
  { name, type, members }: ResourceClass,
  raw: AnyClass & Functions,
) {
  const known = shownOf.get(raw);
  if (known) return known;
  boundary.resources.useHost(type, raw);
  const maker = members.find(({ kind }) => kind === 'constructor');
  const construct = maker && boundary.imported(maker, (...args) => new raw(...args));
  // A declaration, since what it makes is no object of its own.
  function shown(...args: unknown[]): unknown {
    if (!construct) throw new TypeError(`${name} has no constructor; the host hands its objects out`);
    return construct(...args);
  }
  const statics = shown as unknown as Functions;
  Object.defineProperty(shown, 'name', { value: name });
  // Objects come from the engine with its own prototype, so that is where the members have to be.
  const prototype = raw.prototype as Functions;
  Object.defineProperty(shown, 'prototype', { value: prototype });
  for (const member of members.filter(({ kind }) => kind !== 'constructor')) {
    const key = lowerCamel(member.name);
    if (member.kind === 'static') {
      statics[key] = boundary.imported(member, (raw[key] as AnyFunction).bind(raw));
      continue;
    }
    const engines = prototype[key] as AnyFunction;
    const call = boundary.imported(member, (self, ...args) => engines.apply(self, args));
    prototype[key] = function (this: unknown, ...args) {
      return call(this, ...args);
    };
  }
  shownOf.set(raw, shown);
  return shown;
}
