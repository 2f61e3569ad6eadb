// Owns what is read from a core module: which functions it exports, and the bodies of its functions.
import { BinaryReader, type Section, sections, u32, withSections } from './binary.js';

const IMPORT = 2;
const EXPORT = 7;
const CODE = 10;

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
  /** How many functions it imports: their indices come first. */
  importedFunctions: number;
}

export function readCoreModule(module: Uint8Array): CoreModule {
  const all = sections(module);
  const { globals, importedFunctions } = readImports(find(all, IMPORT));
  return { functions: readExports(find(all, EXPORT)), globals, importedFunctions };
}

function find(all: readonly Section[], id: number): BinaryReader {
  const section = all.find((each) => each.id === id);
  return new BinaryReader(section?.body ?? Uint8Array.of(0));
}

function readImports(reader: BinaryReader): Pick<CoreModule, 'globals' | 'importedFunctions'> {
  const globals = new Map<string, number>();
  let importedFunctions = 0;
  for (let count = reader.u32(); count > 0; count--) {
    const name = `${reader.name()}.${reader.name()}`;
    const kind = reader.byte();
    switch (kind) {
      case FUNCTION:
        reader.u32();
        importedFunctions++;
        break;
      case TABLE:
        reader.byte();
        skipLimits(reader);
        break;
      case MEMORY:
        skipLimits(reader);
        break;
      case GLOBAL:
        reader.take(2);
        globals.set(name, globals.size);
        break;
      case TAG:
        reader.byte();
        reader.u32();
        break;
      default:
        throw new RangeError(`an import of unknown kind ${kind}`);
    }
  }
  return { globals, importedFunctions };
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

/** The module with other bodies for some of its functions, by index. */
export function withBodies(module: Uint8Array, bodies: ReadonlyMap<number, readonly number[]>): Uint8Array {
  const { importedFunctions } = readCoreModule(module);
  const all = sections(module).map((section) =>
    section.id === CODE
      ? { id: CODE, body: replaceBodies(section.body, importedFunctions, bodies) }
      : section,
  );
  return withSections(module, all);
}

function replaceBodies(
  code: Uint8Array,
  firstIndex: number,
  bodies: ReadonlyMap<number, readonly number[]>,
): Uint8Array {
  const reader = new BinaryReader(code);
  const count = reader.u32();
  const parts: Uint8Array[] = [Uint8Array.from(u32(count))];
  for (let index = firstIndex; index < firstIndex + count; index++) {
    const start = reader.at;
    reader.take(reader.u32());
    const body = bodies.get(index);
    parts.push(body ? Uint8Array.from([...u32(body.length), ...body]) : code.subarray(start, reader.at));
  }
  return Buffer.concat(parts);
}
