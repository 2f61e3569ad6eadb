// Owns the keys under which interfaces stand in the host's `imports` and `exports` objects.
import type { InterfaceDescriptor } from './descriptor.js';
import { lowerCamel, shortName, withoutVersion } from './names.js';

/** Without version, except where two versions of one interface meet. */
export function importKey(one: InterfaceDescriptor, all: readonly InterfaceDescriptor[]): string {
  const name = one.name ?? '';
  const plain = withoutVersion(name);
  const isAlone =
    all.filter((other) => other.name !== null && withoutVersion(other.name) === plain).length === 1;
  return isAlone ? plain : name;
}

/** The last part in lowerCamel and the name without version, unless something else has them too, and the full name. */
export function exportKeys(one: InterfaceDescriptor, all: readonly InterfaceDescriptor[]): string[] {
  const name = one.name ?? '';
  const short = shortName(name);
  const worldLevel = all.find((other) => other.name === null)?.functions ?? [];
  const isTaken =
    worldLevel.some((fn) => lowerCamel(fn.name) === short) ||
    all.some((other) => other !== one && other.name !== null && shortName(other.name) === short);
  return [...new Set([...(isTaken ? [] : [short]), importKey(one, all), name])];
}
