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

export interface Support {
  /** As a table and a message name it. */
  what: string;
  /** The engines that can. */
  engines: readonly EngineName[];
  /** What else does, where an engine cannot. */
  instead?: string;
}

/** What a world may ask of an engine, as far as not every engine has it or people ask. */
export const FEATURES = {
  resource: { what: 'resources, the guest’s and the host’s', engines: ['quickjs', 'starlingmonkey'] },
  'fallible-constructor': {
    what: 'constructors that return a result',
    engines: [],
    instead: 'use a static function',
  },
  'world-resource': {
    what: 'resources at the level of the world, outside of an interface',
    engines: [],
    instead: 'declare the resource in an interface',
  },
  map: {
    what: 'maps (`map<K, V>`)',
    engines: ['quickjs'],
    instead: 'use list<tuple<key, value>>',
  },
  'fixed-list': {
    what: 'lists of fixed length (`list<T, 4>`)',
    engines: [],
    instead: 'use a tuple or a list',
  },
  async: {
    what: 'async functions',
    engines: [],
    instead: 'leave async out: host functions may take their time all the same, the guest waits',
  },
  stream: {
    what: 'streams, futures and error contexts',
    engines: [],
    instead: 'pass a list, or call a function for each part',
  },
} as const satisfies Record<string, Support>;

type Feature = keyof typeof FEATURES;

/** `maps (map<K, V>); build with --engine quickjs, or use list<tuple<key, value>>`. */
function refusal(feature: Feature): string {
  const { what, engines, instead }: Support = FEATURES[feature];
  const ways = [...engines.map((name) => `build with --engine ${name}`), ...(instead ? [instead] : [])];
  return `${what.replaceAll('`', '')}; ${ways.join(', or ')}`;
}

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
        const feature = firstUnsupported(each, face, world.types, engine);
        if (!feature) continue;
        lines.push(
          `  ${direction} ${face.name ? `${face.name}: ` : ''}${each.wit}\n    uses ${refusal(feature)}`,
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
  face: InterfaceDescriptor,
  types: readonly TypeDescriptor[],
  engine: EngineName,
): Feature | undefined {
  const used = new Set<Feature>();
  if (each.async) used.add('async');
  if (each.kind !== 'function') used.add(face.name === null ? 'world-resource' : 'resource');
  if (each.kind === 'constructor' && typeof each.result === 'number' && types[each.result]?.kind !== 'own') {
    used.add('fallible-constructor');
  }
  const refs = [...each.params.map(({ type }) => type), each.result];
  for (const ref of refs) if (ref !== undefined) collect(ref, types, used);
  return (Object.keys(FEATURES) as Feature[])
    .filter((feature) => used.has(feature))
    .find((feature) => !(FEATURES[feature].engines as readonly EngineName[]).includes(engine));
}

function collect(ref: TypeRef, types: readonly TypeDescriptor[], used: Set<Feature>): void {
  if (ref === 'error-context') used.add('stream');
  if (typeof ref !== 'number') return;
  const type = types[ref] as TypeDescriptor;
  const inner = (...refs: (TypeRef | undefined)[]) => {
    for (const each of refs) if (each !== undefined) collect(each, types, used);
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

/** The table of what each engine can do, as the documents show it. */
export function featureTable(): string {
  const rows = Object.values(FEATURES).map(({ what, engines, instead }: Support) => {
    const cell = (name: EngineName) => (engines.includes(name) ? 'yes' : 'refused at build');
    return `| ${what} | ${ENGINES.map(cell).join(' | ')} | ${escaped(instead ?? '')} |`;
  });
  return [`| in WIT | ${ENGINES.join(' | ')} | instead |`, '|---|---|---|---|', ...rows].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}
