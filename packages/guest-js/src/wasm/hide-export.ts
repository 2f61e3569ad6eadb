// Owns taking one function out of a component's surface.
import { BinaryReader, type Section, sections, u32, withSections } from './binary.js';

const ALIAS = 6;
const EXPORT = 11;

const CORE_SORT = 0x00;
const FUNCTION_SORT = 0x01;
const INSTANCE_EXPORT = 0x00;

/**
 * The component without its export of the function `name`.
 *
 * An export also takes an index of the component's functions, which later ones count from. So another
 * definition takes its place: a second alias of the same function, wherever the first one came from.
 */
export function hideExport(component: Uint8Array, name: string): Uint8Array {
  const all: Section[] = [];
  let alias: Uint8Array | undefined;
  let isHidden = false;
  for (const section of sections(component)) {
    if (section.id === ALIAS) alias = aliasOf(section.body, name) ?? alias;
    if (section.id !== EXPORT || isHidden) {
      all.push(section);
      continue;
    }
    const items = exportItems(section.body);
    const at = items.findIndex((item) => item.name === name && item.isFunction);
    if (at < 0) {
      all.push(section);
      continue;
    }
    if (!alias) throw new Error(`componentize-qjs laid out the component differently: ${name} is no alias`);
    isHidden = true;
    all.push(...vector(EXPORT, items.slice(0, at)), { id: ALIAS, body: Uint8Array.of(1, ...alias) });
    all.push(...vector(EXPORT, items.slice(at + 1)));
  }
  return isHidden ? withSections(component, all) : component;
}

interface ExportItem {
  name: string;
  isFunction: boolean;
  bytes: Uint8Array;
}

function exportItems(body: Uint8Array): ExportItem[] {
  const reader = new BinaryReader(body);
  const items: ExportItem[] = [];
  for (let count = reader.u32(); count > 0; count--) {
    const start = reader.at;
    reader.byte();
    const name = reader.name();
    const sort = reader.byte();
    if (sort === CORE_SORT) reader.byte();
    reader.u32();
    // An export may be given a type of its own, which begins with its sort again.
    if (reader.byte() === 1) {
      const typeSort = reader.byte();
      if (typeSort === CORE_SORT) reader.byte();
      reader.u32();
    }
    items.push({ name, isFunction: sort === FUNCTION_SORT, bytes: body.subarray(start, reader.at) });
  }
  return items;
}

function vector(id: number, items: readonly ExportItem[]): Section[] {
  if (items.length === 0) return [];
  return [
    { id, body: Buffer.concat([Uint8Array.from(u32(items.length)), ...items.map(({ bytes }) => bytes)]) },
  ];
}

/** The bytes of the alias in this section that takes the function `name` out of an instance. */
function aliasOf(body: Uint8Array, name: string): Uint8Array | undefined {
  const reader = new BinaryReader(body);
  let found: Uint8Array | undefined;
  for (let count = reader.u32(); count > 0; count--) {
    const start = reader.at;
    const sort = reader.byte();
    if (sort === CORE_SORT) reader.byte();
    const target = reader.byte();
    reader.u32();
    const isNamed = target <= INSTANCE_EXPORT + 1;
    const exported = isNamed ? reader.name() : reader.u32();
    if (sort === FUNCTION_SORT && target === INSTANCE_EXPORT && exported === name) {
      found = body.subarray(start, reader.at);
    }
  }
  return found;
}
