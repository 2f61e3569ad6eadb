// Owns finding what the world asks for among the author's exports.
import { lastPart, lowerCamel, withoutVersion } from '../names.js';
import { type Boundary, NO_PROMISES, type Signature } from './boundary.js';
import { exportedClass, type ResourceClass } from './classes.js';
import { alike, isAsync, Misfits, placeOf } from './unfit.js';

/** A function of the world, with what a message about it needs. */
export interface ExportedFunction extends Signature {
  name: string;
  wit: string;
}

type Exports = Record<string, unknown>;
type AnyFunction = (...args: unknown[]) => unknown;

export class Author {
  readonly #exports: Exports;
  readonly #boundary: Boundary;
  readonly #file: string;
  readonly #misfits = new Misfits();

  /** `file` is named in messages. */
  constructor(exports: Exports, boundary: Boundary, file: string) {
    this.#exports = exports;
    this.#boundary = boundary;
    this.#file = file;
  }

  function(signature: ExportedFunction): AnyFunction {
    const key = lowerCamel(signature.name);
    const implementation = this.#exports[key];
    if (typeof implementation !== 'function') {
      return this.#lacking(
        `${this.#file} does not export the function ${key} (${signature.wit}); add: export function ${written(signature)}`,
        alike(this.#exports, key),
      );
    }
    return this.#exported(signature, undefined, implementation as AnyFunction);
  }

  /** An interface is an exported object, under the last part of its name or its whole name. */
  interface(
    name: string,
    functions: readonly ExportedFunction[],
    classes: readonly ResourceClass[],
  ): Exports {
    const key = lowerCamel(lastPart(name));
    const found = this.#exports[name] ?? this.#exports[withoutVersion(name)] ?? this.#exports[key];
    const made: Exports = {};
    if (typeof found !== 'object' || found === null) {
      const missing = this.#lacking(
        `${this.#file} does not export the interface ${name}; add: export const ${key} = { ${[
          ...functions.map(written),
          ...classes.map((each) => each.name),
        ].join(', ')} };`,
        alike(this.#exports, key),
      );
      for (const each of functions) made[lowerCamel(each.name)] = missing;
      for (const each of classes) made[each.name] = missing;
      return made;
    }
    const members = found as Exports;
    for (const signature of functions) {
      const member = lowerCamel(signature.name);
      const implementation = members[member];
      made[member] =
        typeof implementation === 'function'
          ? this.#exported(signature, members, implementation as AnyFunction)
          : this.#lacking(
              `${key}, exported by ${this.#file}, has no function ${member} (${signature.wit}); add to it: ${written(signature)}`,
              alike(members, member),
            );
    }
    for (const each of classes) {
      const where = `${key} in ${this.#file}`;
      made[each.name] = exportedClass(this.#boundary, each, members[each.name], where, this.#misfits);
    }
    return made;
  }

  /**
   * After the last of them.
   *
   * # Throws
   * For all that is missing or could never answer.
   */
  check(): void {
    this.#misfits.refuse();
  }

  #exported(signature: ExportedFunction, self: unknown, implementation: AnyFunction): AnyFunction {
    if (isAsync(implementation) && !this.#boundary.awaits) {
      this.#misfits.add(
        `${signature.place}, exported by ${this.#file}, is async, so that it returns ${NO_PROMISES}`,
        placeOf(implementation),
      );
    }
    return this.#boundary.exported(signature, self, implementation);
  }

  /** Stands where something is missing until `check` says so. */
  #lacking(text: string, other: string | undefined): AnyFunction {
    this.#misfits.add(other === undefined ? text : `${text} (it has ${other}, which is another name)`);
    return () => undefined;
  }
}

/** `check(text) { ... }` */
function written({ name, params }: ExportedFunction): string {
  return `${lowerCamel(name)}(${params.map((each) => lowerCamel(each.name)).join(', ')}) { ... }`;
}
