// Owns the generated modules behind the author's imports from the world.
import type { FunctionDescriptor, InterfaceDescriptor, WorldDescriptor } from '../descriptor.js';
import type { EngineName } from '../engines.js';
import { guestModule } from '../guest-folder.js';
import { lowerCamel, withoutVersion } from '../names.js';
import { resourceClasses } from './resources.js';

/** What an import specifier of the author's stands for. */
export type ImportTarget =
  | { kind: 'interface'; face: InterfaceDescriptor & { name: string } }
  | { kind: 'function'; function: FunctionDescriptor }
  /** The world itself: bindgen declares the types of its exports there. */
  | { kind: 'world' };

/**
 * The world's imports by specifier: an interface by its name with or without version, a function of the world
 * itself by its WIT name. A name without version that fits two interfaces stands for neither.
 */
export function importTargets(world: WorldDescriptor): Map<string, ImportTarget> {
  const targets = new Map<string, ImportTarget>();
  const ambiguous = new Set<string>();
  for (const face of world.imports) {
    if (face.name === null) {
      for (const each of face.functions) targets.set(each.name, { kind: 'function', function: each });
      continue;
    }
    const target: ImportTarget = { kind: 'interface', face: { ...face, name: face.name } };
    const short = withoutVersion(face.name);
    if (targets.has(short)) ambiguous.add(short);
    targets.set(short, target);
    targets.set(face.name, target);
  }
  for (const name of ambiguous) targets.delete(name);
  for (const name of [world.name, withoutVersion(world.name)]) targets.set(name, { kind: 'world' });
  return targets;
}

export function importModule(target: ImportTarget, world: WorldDescriptor, engine: EngineName): string {
  switch (target.kind) {
    case 'interface':
      return interfaceModule(target.face, world);
    case 'function':
      return functionModule(target.function, engine);
    case 'world':
      return 'export {};';
  }
}

function interfaceModule(face: InterfaceDescriptor & { name: string }, world: WorldDescriptor): string {
  const lines = [
    `import { boundary } from 'hl:world';`,
    `import * as raw from ${JSON.stringify(`hl:raw/${face.name}`)};`,
  ];
  const names: string[] = [];
  const add = (name: string, value: string) => {
    lines.push(`const import${names.length} = ${value};`, `export { import${names.length} as ${name} };`);
    names.push(name);
  };
  for (const each of face.functions.filter(({ kind }) => kind === 'function')) {
    const name = lowerCamel(each.name);
    add(name, `boundary.imported(${signature(each, face.name)}, raw.${name})`);
  }
  const classes = resourceClasses(face, world, `${withoutVersion(face.name)}.`);
  if (classes.length > 0) lines.unshift(`import { importedClass } from ${guestModule('classes')};`);
  for (const each of classes) {
    add(each.name, `importedClass(boundary, ${JSON.stringify(each)}, raw.${each.name})`);
  }
  lines.push(`export default { ${names.map((name, index) => `${name}: import${index}`).join(', ')} };`);
  return lines.join('\n');
}

function functionModule(each: FunctionDescriptor, engine: EngineName): string {
  const name = lowerCamel(each.name);
  const raw =
    engine === 'quickjs'
      ? `const raw = globalThis[${JSON.stringify(name)}];`
      : `import raw from ${JSON.stringify(`hl:raw/${each.name}`)};`;
  return [
    `import { boundary } from 'hl:world';`,
    raw,
    `const imported = boundary.imported(${signature(each, null)}, raw);`,
    `export { imported as ${name}, imported as default };`,
  ].join('\n');
}

function signature({ name, params, result }: FunctionDescriptor, face: string | null): string {
  const place = `${face === null ? '' : `${withoutVersion(face)}.`}${lowerCamel(name)}`;
  return JSON.stringify({ place, params, result });
}
