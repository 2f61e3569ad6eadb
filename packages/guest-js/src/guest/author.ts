// Owns finding what the world asks for among the author's exports.
import { lastPart, lowerCamel, withoutVersion } from '../names.js';
import type { Boundary, Signature } from './boundary.js';
import { exportedClass, type ResourceClass } from './classes.js';

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
      throw new Error(
        `${this.#file} does not export the function ${key} (${signature.wit}); add: export function ${key}() { ... }`,
      );
    }
    return this.#boundary.exported(signature, undefined, implementation as AnyFunction);
  }

  /** An interface is an exported object, under the last part of its name or its whole name. */
  interface(
    name: string,
    functions: readonly ExportedFunction[],
    classes: readonly ResourceClass[],
  ): Exports {
    const key = lowerCamel(lastPart(name));
    const found = this.#exports[name] ?? this.#exports[withoutVersion(name)] ?? this.#exports[key];
    if (typeof found !== 'object' || found === null) {
      throw new Error(
        `${this.#file} does not export the interface ${name}; add: export const ${key} = { ${[
          ...functions.map((each) => `${lowerCamel(each.name)}() { ... }`),
          ...classes.map((each) => each.name),
        ].join(', ')} };`,
      );
    }
    const members = found as Exports;
    const made: Exports = {};
    for (const signature of functions) {
      const member = lowerCamel(signature.name);
      const implementation = members[member];
      if (typeof implementation !== 'function') {
        throw new Error(`${key}, exported by ${this.#file}, has no function ${member} (${signature.wit})`);
      }
      made[member] = this.#boundary.exported(signature, members, implementation as AnyFunction);
    }
    for (const each of classes) {
      const where = `${key} in ${this.#file}`;
      made[each.name] = exportedClass(this.#boundary, each, members[each.name], where);
    }
    return made;
  }
}
