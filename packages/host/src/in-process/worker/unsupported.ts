// Owns finding what this package cannot pass on before jco is asked: its own words are about something else.
import { partsOf, resolve, type TypeRef, type WorldDescriptor } from '../../descriptor.js';
import { qualifiedName } from '../../names.js';

/** In words, naming the function; undefined if there is nothing of that kind. */
export function unsupportedPart(world: WorldDescriptor): string | undefined {
  for (const side of ['imports', 'exports'] as const) {
    for (const { name, functions } of world[side]) {
      for (const one of functions) {
        const feature = one.async
          ? 'an async function'
          : [...one.params.map((param) => param.type), one.result]
              .map((type) => featureOf(world, type))
              .find((found) => found !== undefined);
        if (feature === undefined) continue;
        return `the component ${side} ${qualifiedName(name, one.name)}, which this version cannot pass on: it has ${feature}\n  ${one.wit}`;
      }
    }
  }
  return undefined;
}

/** Each type is looked at once: they may refer to each other more often than could be walked. */
function featureOf(
  world: WorldDescriptor,
  ref: TypeRef | undefined,
  seen = new Set<TypeRef>(),
): string | undefined {
  if (ref === undefined || seen.has(ref)) return undefined;
  seen.add(ref);
  const type = resolve(world.types, ref);
  if (typeof type === 'string') return type === 'error-context' ? 'an error-context' : undefined;
  if (type.kind === 'stream' || type.kind === 'future') return `a ${type.kind}`;
  for (const part of partsOf(type)) {
    const found = featureOf(world, part, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
