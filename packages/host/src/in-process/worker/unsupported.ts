// Owns finding what this package cannot pass on before jco is asked: its own words are about something else.
import { resolve, type TypeRef, type WorldDescriptor } from '../../descriptor.js';
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

function featureOf(world: WorldDescriptor, ref: TypeRef | undefined): string | undefined {
  if (ref === undefined) return undefined;
  if (ref === 'error-context') return 'an error-context';
  const type = resolve(world.types, ref);
  if (typeof type === 'string') return type === 'error-context' ? 'an error-context' : undefined;
  if (type.kind === 'stream' || type.kind === 'future') return `a ${type.kind}`;
  const first = (refs: readonly (TypeRef | undefined)[]): string | undefined => {
    for (const one of refs) {
      const found = featureOf(world, one);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (type.kind) {
    case 'record':
      return first(type.fields.map((field) => field.type));
    case 'tuple':
      return first(type.types);
    case 'variant':
      return first(type.cases.map((one) => one.type));
    case 'option':
    case 'list':
    case 'fixed-list':
      return first([type.type]);
    case 'result':
      return first([type.ok, type.err]);
    case 'map':
      return first([type.key, type.value]);
    default:
      return undefined;
  }
}
