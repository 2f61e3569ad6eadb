// Owns making a component of a core module: what its functions are called, and what the world calls them.
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { BindgenError, wrap } from '@hl/bindgen';
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from './descriptor.js';
import { GuestBuildError } from './errors.js';
import { lastPart, lowerCamel } from './names.js';
import { refuseFolder, writeMade } from './output.js';
import { isComponent } from './wasm/binary.js';
import { exportedFunctions, importedNames, withNames } from './wasm/names.js';
import { readWorld } from './world.js';

export interface WrapModuleOptions {
  /** The core module's file. */
  module: string;
  /** A WIT folder or file. */
  wit: string;
  /** May be left out where there is one world. */
  world?: string;
  /** Where to write the component; left out, it is only returned. */
  out?: string;
}

/**
 * Makes a component of a core WebAssembly module and the WIT world that it implements.
 *
 * Its functions may have the world's names (`dark-green`), or those of a language without dashes (`dark_green`,
 * `darkGreen`); what it imports may come from any module, such as `env`.
 *
 * # Throws
 * `GuestBuildError` that names what is missing, or has another type.
 */
export async function wrapModule({ module: path, wit, world, out }: WrapModuleOptions): Promise<Uint8Array> {
  const shown = relative('.', path);
  const bytes = await readModule(path, shown);
  if (out !== undefined) await refuseFolder(out);
  const { descriptor } = await readWorld(wit, world);
  const module = withWorldsNames(bytes, descriptor, shown);
  let component: Uint8Array;
  try {
    component = await wrap({ module, wit, world });
  } catch (error) {
    if (!(error instanceof BindgenError)) throw error;
    throw new GuestBuildError('wrap', `${shown}: ${error.message}`, { cause: error });
  }
  if (out !== undefined) await writeMade(out, component);
  return component;
}

async function readModule(path: string, shown: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new GuestBuildError('wrap', `${shown} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== '\0asm') {
    throw new GuestBuildError('wrap', `${shown} is no WebAssembly: it does not begin with \\0asm`);
  }
  if (isComponent(bytes)) throw new GuestBuildError('wrap', `${shown} is a component already`);
  return bytes;
}

/** What the canonical ABI calls a function of the world, and what a module may call it. */
interface Wanted {
  module: string;
  name: string;
  aliases: readonly string[];
  wit: string;
}

function wantedOf(faces: readonly InterfaceDescriptor[], direction: 'imports' | 'exports'): Wanted[] {
  return faces.flatMap((face) =>
    face.functions.map((each) => ({
      module: face.name ?? '$root',
      name: direction === 'exports' && face.name !== null ? `${face.name}#${each.name}` : each.name,
      aliases: aliasesOf(each, face),
      wit: `${face.name === null ? '' : `${face.name}: `}${each.wit}`,
    })),
  );
}

function aliasesOf({ name }: FunctionDescriptor, face: InterfaceDescriptor): string[] {
  const snake = name.replaceAll('-', '_').toLowerCase();
  const prefix = face.name === null ? [] : [`${lastPart(face.name).replaceAll('-', '_')}_${snake}`];
  return [...new Set([name, snake, lowerCamel(name), ...prefix])];
}

function withWorldsNames(module: Uint8Array, world: WorldDescriptor, shown: string): Uint8Array {
  const [found, taken] = [exportedFunctions(module), importedNames(module)];
  const exported = exportNames(wantedOf(world.exports, 'exports'), found, shown);
  const asked = taken.filter(([from, name]) => !isOfResource(from, name, world));
  const imported = importNames(wantedOf(world.imports, 'imports'), asked, shown);
  return withNames(module, {
    exported: (name) => exported.get(name),
    imported: (from, name) => imported.get(`${from}.${name}`),
  });
}

/** The canonical ABI's own functions of a resource, which no world lists; `wrap` checks which resource it is. */
function isOfResource(from: string, name: string, { imports, exports }: WorldDescriptor): boolean {
  const owner = (faces: readonly InterfaceDescriptor[], module: string) =>
    faces.some((face) => (face.name ?? '$root') === module);
  const [, exporting] = /^\[export\](.*)$/.exec(from) ?? [];
  if (exporting !== undefined) return owner(exports, exporting) && /^\[resource-(new|rep|drop)\]/.test(name);
  return owner(imports, from) && name.startsWith('[resource-drop]');
}

function exportNames(
  wanted: readonly Wanted[],
  found: readonly string[],
  shown: string,
): Map<string, string> {
  const names = new Map<string, string>();
  const missing: string[] = [];
  for (const { name, aliases, wit } of wanted) {
    if (found.includes(name)) continue;
    const alias = aliases.find((each) => found.includes(each));
    if (alias === undefined)
      missing.push(`  ${wit}\n    as ${[...new Set([name, ...aliases])].join(' or ')}`);
    else if (names.has(alias))
      missing.push(`  ${wit}\n    as ${name}: ${alias} stands for ${names.get(alias)}`);
    else names.set(alias, name);
  }
  if (missing.length === 0) return names;
  const has = found.length === 0 ? 'it exports no function' : `it exports ${found.join(', ')}`;
  throw new GuestBuildError(
    'wrap',
    `${shown} does not export what the world asks for; ${has}\n${missing.join('\n')}`,
  );
}

function importNames(
  wanted: readonly Wanted[],
  taken: readonly [string, string][],
  shown: string,
): Map<string, [string, string]> {
  const names = new Map<string, [string, string]>();
  const unknown: string[] = [];
  for (const [from, name] of taken) {
    if (wanted.some((each) => each.module === from && each.name === name)) continue;
    const fitting = wanted.filter(({ aliases }) => aliases.includes(name));
    const [fit, other] = fitting;
    if (fit && !other) names.set(`${from}.${name}`, [fit.module, fit.name]);
    else if (from.startsWith('wasi_')) {
      unknown.push(
        `  ${from}.${name}\n    is WASI 0.1: build for wasm32-wasip2, or without a standard library`,
      );
    } else {
      const why = other ? `could be ${fitting.map(({ wit }) => wit).join(' or ')}` : 'is not in the world';
      unknown.push(`  ${from}.${name}\n    ${why}`);
    }
  }
  if (unknown.length === 0) return names;
  throw new GuestBuildError('wrap', `${shown} imports what the world does not offer:\n${unknown.join('\n')}`);
}
