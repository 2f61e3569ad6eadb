// Owns whether a component fits the world that the caller was compiled against.
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from '../descriptor.js';
import { ComponentError } from '../errors/classes.js';
import { qualifiedName, withoutVersion } from '../names.js';
import { functionDifference, type Sides } from './difference.js';

/** Pairs that were found to fit: the same world and component come together again and again. */
const fitting = new WeakMap<WorldDescriptor, WeakSet<WorldDescriptor>>();

/**
 * Throws a ComponentError that names the first function that differs, with both signatures. What the component
 * exports beyond the world, and what the world offers beyond what the component imports, is fine.
 */
export function compareWorlds(world: WorldDescriptor, component: WorldDescriptor): void {
  if (fitting.get(world)?.has(component)) return;
  compareExports(world, component);
  compareImports(world, component);
  const known = fitting.get(world) ?? new WeakSet();
  fitting.set(world, known.add(component));
}

function compareExports(world: WorldDescriptor, component: WorldDescriptor): void {
  const sides: Sides = { expected: world.types, actual: component.types };
  for (const wanted of world.exports) {
    const there = findInterface(component.exports, wanted.name);
    for (const one of wanted.functions) {
      const actual = there?.functions.find((candidate) => candidate.name === one.name);
      const name = qualifiedName(wanted.name, one.name);
      if (actual === undefined) {
        throw mismatch(
          `the component does not export ${name}, which world ${world.name} has as\n  ${one.wit}`,
        );
      }
      compareFunction(sides, name, one, actual, world);
    }
  }
}

function compareImports(world: WorldDescriptor, component: WorldDescriptor): void {
  const sides: Sides = { expected: world.types, actual: component.types };
  for (const wanted of component.imports) {
    const offered = findInterface(world.imports, wanted.name);
    for (const actual of wanted.functions) {
      const one = offered?.functions.find((candidate) => candidate.name === actual.name);
      // What the world does not have may still be in `imports`, or be served by the VM: linking tells.
      if (one !== undefined) compareFunction(sides, qualifiedName(wanted.name, one.name), one, actual, world);
    }
  }
}

function compareFunction(
  sides: Sides,
  name: string,
  expected: FunctionDescriptor,
  actual: FunctionDescriptor,
  world: WorldDescriptor,
): void {
  const difference = functionDifference(sides, expected, actual);
  if (difference === undefined) return;
  throw mismatch(
    `${name} is not the same in both: ${difference}\n  world ${world.name}: ${expected.wit}\n  component: ${actual.wit}`,
  );
}

/** By full name, or else the same interface in another version: linking treats those alike. */
export function findInterface(
  interfaces: readonly InterfaceDescriptor[],
  name: string | null,
): InterfaceDescriptor | undefined {
  const exact = interfaces.find((one) => one.name === name);
  if (exact !== undefined || name === null) return exact;
  return interfaces.find((one) => one.name !== null && withoutVersion(one.name) === withoutVersion(name));
}

const mismatch = (message: string): ComponentError => new ComponentError('ERR_HL_WORLD_MISMATCH', message);
