// Owns how resources are printed: an interface for instances, and one for the class where it is a value.
import { checkKeys } from './declarations.js';
import {
  type FunctionDescriptor,
  type InterfaceDescriptor,
  typeAt,
  type WorldDescriptor,
} from './descriptor.js';
import { calledByHost, parameters, printCall, printFunction, type Side } from './functions.js';
import { lowerCamel, memberName } from './names.js';
import { code, key, type ModuleText, type Printable } from './printable.js';
import type { Types } from './types.js';

export interface Resource {
  readonly index: number;
  readonly isImported: boolean;
  readonly functions: readonly FunctionDescriptor[];
}

/**
 * The world's resources by their type's index. One whose interface is imported and exported is described
 * once, as the host's.
 */
export function resourcesOf(world: WorldDescriptor): Map<number, Resource> {
  const resources = new Map<number, Resource>();
  const collect = (interfaces: readonly InterfaceDescriptor[], isImported: boolean) => {
    for (const { functions, types } of interfaces) {
      for (const index of types) {
        if (typeAt(world.types, index).kind !== 'resource' || resources.has(index)) continue;
        resources.set(index, {
          index,
          isImported,
          functions: functions.filter((fn) => fn.resource === index),
        });
      }
    }
  };
  collect(world.imports, true);
  collect(world.exports, false);
  return resources;
}

/** The instance's interface, with `dispose` as its last member. */
export function declareInstance(
  text: ModuleText,
  types: Types,
  side: Side,
  { index, functions }: Resource,
  name: string,
  dispose: Printable,
): void {
  const methods = functions.filter(({ kind }) => kind === 'method').map(unprefixed);
  checkKeys(`resource \`${typeAt(types.all, index).name}\``, methods);
  text.blank();
  text.docs(typeAt(types.all, index).docs);
  text.block(`export interface ${name} {`, () => {
    for (const fn of methods) printFunction(text, types, side, fn, key(lowerCamel(fn.name)));
    text.line(dispose);
  });
}

/** The class's interface: constructor and static functions. The host cannot wait in a guest's constructor. */
export function declareClass(
  text: ModuleText,
  types: Types,
  side: Side,
  { index, functions }: Resource,
  name: string,
): void {
  text.blank();
  text.docs(`The class of resource \`${typeAt(types.all, index).name}\`.`);
  text.block(`export interface ${name} {`, () => {
    for (const fn of functions.map(unprefixed)) {
      if (fn.kind === 'static') printFunction(text, types, side, fn, key(lowerCamel(fn.name)));
      if (fn.kind !== 'constructor') continue;
      if (side !== calledByHost) {
        printFunction(text, types, side, fn, 'new ');
        continue;
      }
      text.docs(fn.docs);
      printCall(text, 'create', parameters(types, side, fn), code`: Promise<${types.use(index)}>;`);
    }
  });
}

/** With its plain name: `[method]bucket.get` as `get`. */
export function unprefixed(fn: FunctionDescriptor): FunctionDescriptor {
  return { ...fn, name: memberName(fn.name) };
}
