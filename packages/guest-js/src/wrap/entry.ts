// Owns the generated module that the engine loads: the world's exports around the author's.
import type { FunctionDescriptor, WorldDescriptor } from '../descriptor.js';
import type { EngineName } from '../engines.js';
import { guestModule } from '../guest-folder.js';
import { lastPart, lowerCamel } from '../names.js';
import { DISPOSE, exportsResources } from '../quickjs-world.js';
import { hasResources, resourceClasses } from './resources.js';

/** What the generated modules share: codecs for the world's types, over this engine. */
export function worldModule(world: WorldDescriptor, engine: EngineName): string {
  // Docs are for people, and would only be carried along in the snapshot.
  const types = JSON.stringify(world.types, (key, value) => (key === 'docs' ? undefined : value));
  const exported = world.exports.flatMap(({ name }) => name ?? []);
  return `
import { engine } from ${guestModule(engine)};
import { Boundary } from ${guestModule('boundary')};
export const boundary = new Boundary(engine, ${types}, ${JSON.stringify(exported)});
`;
}

/** `file` is the author's entry as an absolute path, `shown` as messages name it. */
export function entryModule(world: WorldDescriptor, engine: EngineName, file: string, shown: string): string {
  const lines = [
    `import ${guestModule(`${engine}-globals`)};`,
    `import { boundary } from 'hl:world';`,
    `import { Author } from ${guestModule('author')};`,
    `import * as exports from ${JSON.stringify(file)};`,
    // What the host hands over is checked and converted, also where the author's code does not import its class.
    ...world.imports
      .filter((face) => face.name !== null && hasResources(face, world))
      .map(({ name }) => `import ${JSON.stringify(name)};`),
    `const author = new Author(exports, boundary, ${JSON.stringify(shown)});`,
  ];
  let count = 0;
  const add = (name: string, value: string) => {
    lines.push(`const export${count} = ${value};`, `export { export${count} as ${lowerCamel(name)} };`);
    count++;
  };
  for (const face of world.exports) {
    const plain = face.functions.filter(({ kind }) => kind === 'function');
    if (face.name === null) {
      for (const each of plain)
        add(each.name, `author.function(${JSON.stringify(exportedFunction(each, ''))})`);
    } else if (face.functions.length > 0 || hasResources(face, world)) {
      const short = lastPart(face.name);
      const functions = plain.map((each) => exportedFunction(each, `${lowerCamel(short)}.`));
      const classes = resourceClasses(face, world, `${lowerCamel(short)}.`);
      const made = [face.name, functions, classes].map((each) => JSON.stringify(each));
      add(short, `author.interface(${made.join(', ')})`);
    }
  }
  lines.push('author.check();');
  if (engine === 'quickjs' && exportsResources(world)) {
    // The component calls it when the host lets go of a resource: see wasm/quickjs-resources.ts.
    lines.push(`export function ${lowerCamel(DISPOSE)}(resource) { resource[Symbol.dispose](); }`);
  }
  return lines.join('\n');
}

function exportedFunction({ name, wit, params, result }: FunctionDescriptor, prefix: string): object {
  return { name, wit, place: prefix + lowerCamel(name), params, result };
}
