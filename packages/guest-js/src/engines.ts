// Owns what the two engines are called, and what each of them cannot do.
import type {
  FunctionDescriptor,
  InterfaceDescriptor,
  TypeDescriptor,
  TypeRef,
  WorldDescriptor,
} from './descriptor.js';
import { GuestBuildError } from './errors.js';
import { lastPart, lowerCamel } from './names.js';

export const ENGINES = ['quickjs', 'starlingmonkey'] as const;
export type EngineName = (typeof ENGINES)[number];

type Feature = 'async' | 'stream' | 'resource' | 's64-of-resource' | 'map' | 'fixed-list';

const ASYNC =
  'async functions; leave async out: host functions may take their time all the same, the guest waits';
const STREAM = 'streams, futures and error contexts; pass a list, or call a function for each part';
const FIXED_LIST = 'lists of fixed length; use a tuple or a list';

const UNSUPPORTED: Record<EngineName, Partial<Record<Feature, string>>> = {
  quickjs: {
    async: ASYNC,
    stream: STREAM,
    'fixed-list': FIXED_LIST,
    resource: 'resources; build with --engine starlingmonkey, or pass an id as u32',
  },
  starlingmonkey: {
    async: ASYNC,
    stream: STREAM,
    'fixed-list': FIXED_LIST,
    // A negative one arrives as a u64, which is mended for plain functions only.
    's64-of-resource': 's64 in a constructor or method; make it a plain function, or use f64 or string',
    map: 'maps; use list<tuple<key, value>>, or build with --engine quickjs',
  },
};

/**
 * Refuses a world that the engine would build into something wrong.
 *
 * # Throws
 * `GuestBuildError` that names every function, the reason and the way out.
 */
export function refuseUnsupported(world: WorldDescriptor, engine: EngineName): void {
  const lines: string[] = [];
  for (const [direction, faces] of [
    ['export', world.exports],
    ['import', world.imports],
  ] as const) {
    for (const face of faces) {
      for (const each of face.functions) {
        const feature = firstUnsupported(each, world.types, engine);
        if (!feature || (direction === 'import' && isLeftOut(each, world.types, engine))) continue;
        lines.push(
          `  ${direction} ${face.name ? `${face.name}: ` : ''}${each.wit}\n    uses ${UNSUPPORTED[engine][feature]}`,
        );
      }
    }
  }
  lines.push(...sharedNames(world.exports));
  if (lines.length > 0) {
    throw new GuestBuildError(
      'wit',
      `the world ${world.name} cannot be built with ${engine}:\n${lines.join('\n')}`,
    );
  }
}

/** An import that is there in the world, but not for the guest's code: it is an error only to use it. */
export function isLeftOut(
  each: FunctionDescriptor,
  types: readonly TypeDescriptor[],
  engine: EngineName,
): boolean {
  return engine === 'quickjs' && firstUnsupported(each, types, engine) === 'resource';
}

/** Both engines look an exported interface up by the last part of its name. */
function sharedNames(faces: readonly InterfaceDescriptor[]): string[] {
  const seen = new Map<string, string>();
  const lines: string[] = [];
  for (const { name } of faces) {
    if (!name) continue;
    const key = lowerCamel(lastPart(name));
    const other = seen.get(key);
    if (other)
      lines.push(
        `  export ${name}\n    would be the export ${key}, as ${other} is; give one of them another name`,
      );
    seen.set(key, name);
  }
  return lines;
}

function firstUnsupported(
  each: FunctionDescriptor,
  types: readonly TypeDescriptor[],
  engine: EngineName,
): Feature | undefined {
  const used = new Set<Feature>();
  if (each.async) used.add('async');
  if (each.kind !== 'function') used.add('resource');
  const refs = [...each.params.map(({ type }) => type), each.result];
  const primitives = new Set<TypeRef>();
  for (const ref of refs) if (ref !== undefined) collect(ref, types, used, primitives);
  if (each.kind !== 'function' && primitives.has('s64')) used.add('s64-of-resource');
  // In the order of the table, so that what no engine has comes before what the other one has.
  return (Object.keys(UNSUPPORTED[engine]) as Feature[]).find((feature) => used.has(feature));
}

function collect(
  ref: TypeRef,
  types: readonly TypeDescriptor[],
  used: Set<Feature>,
  primitives: Set<TypeRef>,
): void {
  if (ref === 'error-context') used.add('stream');
  if (typeof ref !== 'number') {
    primitives.add(ref);
    return;
  }
  const type = types[ref] as TypeDescriptor;
  const inner = (...refs: (TypeRef | undefined)[]) => {
    for (const each of refs) if (each !== undefined) collect(each, types, used, primitives);
  };
  switch (type.kind) {
    case 'record':
      inner(...type.fields.map((field) => field.type));
      return;
    case 'tuple':
      inner(...type.types);
      return;
    case 'variant':
      inner(...type.cases.map((each) => each.type));
      return;
    case 'enum':
    case 'flags':
      return;
    case 'alias':
    case 'option':
    case 'list':
      inner(type.type);
      return;
    case 'result':
      inner(type.ok, type.err);
      return;
    case 'fixed-list':
      used.add('fixed-list');
      inner(type.type);
      return;
    case 'map':
      used.add('map');
      inner(type.key, type.value);
      return;
    case 'resource':
    case 'own':
    case 'borrow':
      used.add('resource');
      return;
    case 'stream':
    case 'future':
      used.add('stream');
      inner(type.type);
      return;
  }
}
