// Owns the names under which a core module exports and imports functions, and giving it others.
import { BinaryReader, sections, u32, withSections } from './binary.js';
import { readCoreModule, skipImport } from './core-module.js';

const IMPORT = 2;
const EXPORT = 7;

/** The functions that a module imports, as pairs of module and name. */
export function importedNames(module: Uint8Array): [module: string, name: string][] {
  const found: [string, string][] = [];
  withNames(module, {
    imported: (from, name) => {
      found.push([from, name]);
      return undefined;
    },
  });
  return found;
}

export function exportedFunctions(module: Uint8Array): string[] {
  return [...readCoreModule(module).functions.keys()];
}

interface Names {
  /** Another module and name for a function that is imported. */
  imported?: (module: string, name: string) => [module: string, name: string] | undefined;
  /** Another name for what is exported. */
  exported?: (name: string) => string | undefined;
}

export function withNames(module: Uint8Array, { imported, exported }: Names): Uint8Array {
  return withSections(
    module,
    sections(module).map(({ id, body }) => {
      if (id === IMPORT && imported) return { id, body: withImports(body, imported) };
      return { id, body: id === EXPORT && exported ? withExports(body, exported) : body };
    }),
  );
}

function withImports(body: Uint8Array, rename: NonNullable<Names['imported']>): Uint8Array {
  const reader = new BinaryReader(body);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count))];
  for (let left = count; left > 0; left--) {
    const [module, name] = [reader.name(), reader.name()];
    const start = reader.at;
    const isFunction = skipImport(reader) !== undefined;
    const names = (isFunction ? rename(module, name) : undefined) ?? [module, name];
    parts.push(...names.map(written), body.subarray(start, reader.at));
  }
  return Buffer.concat(parts);
}

function withExports(body: Uint8Array, rename: NonNullable<Names['exported']>): Uint8Array {
  const reader = new BinaryReader(body);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count))];
  for (let left = count; left > 0; left--) {
    const name = reader.name();
    const start = reader.at;
    reader.byte();
    reader.u32();
    parts.push(written(rename(name) ?? name), body.subarray(start, reader.at));
  }
  return Buffer.concat(parts);
}

function written(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  return Buffer.concat([Uint8Array.from(u32(bytes.length)), bytes]);
}
