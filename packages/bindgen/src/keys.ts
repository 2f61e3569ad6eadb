// Owns the keys under which interfaces stand in the host's `imports` and `exports` objects.
import type { InterfaceDescriptor } from './descriptor.js';
import { lowerCamel, shortName, withoutVersion } from './names.js';

/** How often each name is wanted among the interfaces of one side. */
interface Wanted {
  readonly plain: ReadonlyMap<string, number>;
  readonly short: ReadonlyMap<string, number>;
}

const known = new WeakMap<readonly InterfaceDescriptor[], Wanted>();

function wantedIn(all: readonly InterfaceDescriptor[]): Wanted {
  const before = known.get(all);
  if (before !== undefined) return before;
  const plain = new Map<string, number>();
  const short = new Map<string, number>();
  const count = (names: Map<string, number>, name: string) => names.set(name, (names.get(name) ?? 0) + 1);
  for (const { name, functions } of all) {
    if (name === null) {
      for (const fn of functions) count(short, lowerCamel(fn.name));
      continue;
    }
    count(plain, withoutVersion(name));
    count(short, shortName(name));
  }
  const wanted = { plain, short };
  known.set(all, wanted);
  return wanted;
}

/** Without version, except where two versions of one interface meet. */
export function importKey(one: InterfaceDescriptor, all: readonly InterfaceDescriptor[]): string {
  const name = one.name ?? '';
  const plain = withoutVersion(name);
  return wantedIn(all).plain.get(plain) === 1 ? plain : name;
}

/** The last part in lowerCamel and the name without version, unless something else has them too, and the full name. */
export function exportKeys(one: InterfaceDescriptor, all: readonly InterfaceDescriptor[]): string[] {
  const name = one.name ?? '';
  const short = shortName(name);
  const isTaken = wantedIn(all).short.get(short) !== 1;
  return [...new Set([...(isTaken ? [] : [short]), importKey(one, all), name])];
}
