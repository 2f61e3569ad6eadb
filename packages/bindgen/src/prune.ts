// Owns what of a world the host's side has to know: everything but the WASI that is served inside the VM.
import { type InterfaceDescriptor, type TypeRef, typeAt, type WorldDescriptor } from './descriptor.js';
import { moveFunction, moveType, refsOfFunction, refsOfType } from './references.js';

/** Components import these by the dozen; the VM answers them itself, so nobody has to grant them. */
const SERVED_IN_THE_VM = /^wasi:(cli|clocks|filesystem|http|io|random|sockets)\//;

/** The world without those imports, and without the types that only they need. */
export function withoutWasi(world: WorldDescriptor): WorldDescriptor {
  const imports = world.imports.filter(({ name }) => name === null || !SERVED_IN_THE_VM.test(name));
  return imports.length === world.imports.length ? world : withUsedTypes({ ...world, imports });
}

function withUsedTypes(world: WorldDescriptor): WorldDescriptor {
  const used = new Set<number>();
  for (const { functions, types } of [...world.imports, ...world.exports]) {
    for (const index of types) used.add(index);
    for (const ref of functions.flatMap(refsOfFunction)) if (typeof ref === 'number') used.add(ref);
  }
  // Types refer backwards only, so one pass from the end finds everything.
  for (let index = world.types.length - 1; index >= 0; index--) {
    if (!used.has(index)) continue;
    for (const ref of refsOfType(typeAt(world.types, index))) if (typeof ref === 'number') used.add(ref);
  }
  const kept = [...used].sort((a, b) => a - b);
  const indices = new Map(kept.map((old, index) => [old, index]));
  const moved = <Ref extends TypeRef | undefined>(ref: Ref): Ref =>
    (typeof ref === 'number' ? indices.get(ref) : ref) as Ref;
  const face = (one: InterfaceDescriptor): InterfaceDescriptor => ({
    ...one,
    types: one.types.map(moved),
    functions: one.functions.map((fn) => moveFunction(fn, moved)),
  });
  return {
    ...world,
    types: kept.map((index) => moveType(typeAt(world.types, index), moved)),
    imports: world.imports.map(face),
    exports: world.exports.map(face),
  };
}
