// Owns what is read from a core module: what it imports and exports, and the bodies of its functions.
import { BinaryReader, type Section, sections, u32, withSections } from './binary.js';

const IMPORT = 2;
const FUNCTIONS = 3;
const GLOBALS = 6;
const EXPORT = 7;
const ELEMENTS = 9;
const CODE = 10;

const END = 0x0b;

/** `(global (mut i32) (i32.const 0))`. */
const MUTABLE_ZERO = [0x7f, 0x01, 0x41, 0x00, 0x0b];

const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;
const TAG = 4;

export interface CoreModule {
  /** Index of each exported function. */
  functions: ReadonlyMap<string, number>;
  /** Index of each imported global, by `module.name`. */
  globals: ReadonlyMap<string, number>;
  /** Index and type of each imported function, by `module.name`: these indices come first. */
  imports: ReadonlyMap<string, ImportedFunction>;
}

export interface ImportedFunction {
  index: number;
  type: number;
}

export function readCoreModule(module: Uint8Array): CoreModule {
  const all = sections(module);
  return { functions: readExports(find(all, EXPORT)), ...readImports(find(all, IMPORT)) };
}

function find(all: readonly Section[], id: number): BinaryReader {
  const section = all.find((each) => each.id === id);
  return new BinaryReader(section?.body ?? Uint8Array.of(0));
}

function readImports(reader: BinaryReader): Pick<CoreModule, 'globals' | 'imports'> {
  const globals = new Map<string, number>();
  const imports = new Map<string, ImportedFunction>();
  for (let count = reader.u32(); count > 0; count--) {
    const name = `${reader.name()}.${reader.name()}`;
    const kind = reader.bytes[reader.at];
    const type = skipImport(reader);
    if (type !== undefined) imports.set(name, { index: imports.size, type });
    if (kind === GLOBAL) globals.set(name, globals.size);
  }
  return { globals, imports };
}

/** Past what an import is, which follows its names; the type's index where it is a function. */
export function skipImport(reader: BinaryReader): number | undefined {
  const kind = reader.byte();
  switch (kind) {
    case FUNCTION:
      return reader.u32();
    case TABLE:
      reader.byte();
      skipLimits(reader);
      return undefined;
    case MEMORY:
      skipLimits(reader);
      return undefined;
    case GLOBAL:
      reader.take(2);
      return undefined;
    case TAG:
      reader.byte();
      reader.u32();
      return undefined;
    default:
      throw new RangeError(`an import of unknown kind ${kind}`);
  }
}

function skipLimits(reader: BinaryReader): void {
  const hasMaximum = (reader.byte() & 1) === 1;
  reader.u32();
  if (hasMaximum) reader.u32();
}

function readExports(reader: BinaryReader): Map<string, number> {
  const functions = new Map<string, number>();
  for (let count = reader.u32(); count > 0; count--) {
    const name = reader.name();
    const kind = reader.byte();
    const index = reader.u32();
    if (kind === FUNCTION) functions.set(name, index);
  }
  return functions;
}

export interface Additions {
  /** Functions, by type and body; they get the indices that follow. */
  functions?: readonly { type: number; body: readonly number[] }[];
  /** Mutable globals of 32 bits that begin as 0; they get the indices that follow. */
  globals?: number;
}

/** How many functions and globals the module has: additions get the indices from there on. */
export function countOf(module: Uint8Array): { functions: number; globals: number } {
  const all = sections(module);
  const { imports, globals } = readCoreModule(module);
  return {
    functions: imports.size + find(all, FUNCTIONS).u32(),
    globals: globals.size + find(all, GLOBALS).u32(),
  };
}

/** The module with other bodies, which `replace` answers for each of its functions or leaves, and with additions. */
export function withBodies(
  module: Uint8Array,
  replace: (index: number, body: Uint8Array) => readonly number[] | undefined,
  { functions = [], globals = 0 }: Additions = {},
): Uint8Array {
  const first = readCoreModule(module).imports.size;
  const all = sections(module);
  const types = functions.map(({ type }) => u32(type));
  const zeros = Array.from({ length: globals }, () => MUTABLE_ZERO);
  if (globals > 0 && !all.some(({ id }) => id === GLOBALS)) {
    // Sections have an order: this one stands before the exports, which each of these modules has.
    all.splice(
      all.findIndex(({ id }) => id === EXPORT),
      0,
      { id: GLOBALS, body: Uint8Array.of(0) },
    );
  }
  return withSections(
    module,
    all.map(({ id, body }) => {
      if (id === FUNCTIONS) return { id, body: longer(body, types) };
      if (id === GLOBALS) return { id, body: longer(body, zeros) };
      return id === CODE ? { id, body: code(body, first, replace, functions) } : { id, body };
    }),
  );
}

/** A vector with more items. */
function longer(vector: Uint8Array, items: readonly (readonly number[])[]): Uint8Array {
  const reader = new BinaryReader(vector);
  const count = reader.u32();
  return Buffer.concat([
    Uint8Array.from(u32(count + items.length)),
    vector.subarray(reader.at),
    Uint8Array.from(items.flat()),
  ]);
}

function code(
  bodies: Uint8Array,
  first: number,
  replace: (index: number, body: Uint8Array) => readonly number[] | undefined,
  additions: readonly { body: readonly number[] }[],
): Uint8Array {
  const reader = new BinaryReader(bodies);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count + additions.length))];
  const add = (body: Uint8Array) => parts.push(Uint8Array.from(u32(body.length)), body);
  for (let index = first; index < first + count; index++) {
    const body = reader.take(reader.u32());
    const other = replace(index, body);
    add(other ? Uint8Array.from(other) : body);
  }
  for (const { body } of additions) add(Uint8Array.from(body));
  return Buffer.concat(parts);
}

/** The module with other functions in its tables. */
export function withTableFunctions(module: Uint8Array, replace: (index: number) => number): Uint8Array {
  return withSections(
    module,
    sections(module).map(({ id, body }) =>
      id === ELEMENTS ? { id, body: elements(body, replace) } : { id, body },
    ),
  );
}

/** Segments of function indices, in a table that may be named; no other kind is among these modules. */
function elements(body: Uint8Array, replace: (index: number) => number): Uint8Array {
  const reader = new BinaryReader(body);
  const count = reader.u32();
  const out = [...u32(count)];
  for (let left = count; left > 0; left--) {
    const start = reader.at;
    const kind = reader.u32();
    if (kind !== 0 && kind !== 2)
      throw new RangeError(`a table segment of kind ${kind}, which is not known here`);
    if (kind === 2) reader.u32();
    // Where it begins: one instruction and its number.
    reader.byte();
    reader.u32();
    if (reader.byte() !== END) throw new RangeError('a table segment that begins at no plain place');
    if (kind === 2) reader.byte();
    const length = reader.u32();
    out.push(...body.subarray(start, reader.at));
    for (let each = length; each > 0; each--) out.push(...u32(replace(reader.u32())));
  }
  return Uint8Array.from(out);
}

/** The body of one function; empty where the module does not have it. */
export function bodyOf(module: Uint8Array, wanted: number): Uint8Array {
  let found = new Uint8Array();
  withBodies(module, (index, body) => {
    if (index === wanted) found = Uint8Array.from(body);
    return undefined;
  });
  return found;
}
