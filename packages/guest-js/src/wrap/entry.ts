// Owns the generated module that the engine loads: the world's exports around the author's.
import type { FunctionDescriptor, WorldDescriptor } from '../descriptor.js';
import type { EngineName } from '../engines.js';
import { guestModule } from '../guest-folder.js';
import { lastPart, lowerCamel } from '../names.js';

/** What the generated modules share: codecs for the world's types, over this engine. */
export function worldModule(world: WorldDescriptor, engine: EngineName): string {
  // Docs are for people, and would only be carried along in the snapshot.
  const types = JSON.stringify(world.types, (key, value) =>
    key === 'docs' || key === 'owner' ? undefined : value,
  );
  return `
import { engine } from ${guestModule(engine)};
import { codecs } from ${guestModule('codec')};
import { Boundary } from ${guestModule('boundary')};
const types = ${types};
export const boundary = new Boundary(engine, types, codecs(types, engine.dialect));
`;
}

/** `file` is the author's entry as an absolute path, `shown` as messages name it. */
export function entryModule(world: WorldDescriptor, engine: EngineName, file: string, shown: string): string {
  const lines = [
    `import ${guestModule(`${engine}-globals`)};`,
    `import { boundary } from 'hl:world';`,
    `import { Author } from ${guestModule('author')};`,
    `import * as exports from ${JSON.stringify(file)};`,
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
    } else if (face.functions.length > 0) {
      const short = lastPart(face.name);
      const functions = plain.map((each) => exportedFunction(each, `${lowerCamel(short)}.`));
      const made = [face.name, functions, classNames(face.functions)].map((each) => JSON.stringify(each));
      add(short, `author.interface(${made.join(', ')})`);
    }
  }
  return lines.join('\n');
}

function exportedFunction({ name, wit, params, result }: FunctionDescriptor, prefix: string): object {
  return { name, wit, place: prefix + lowerCamel(name), params, result };
}

/** `[method]bucket.get` belongs to the class `Bucket`. */
function classNames(functions: readonly FunctionDescriptor[]): string[] {
  const resources = functions
    .filter(({ kind }) => kind !== 'function')
    .map(({ name }) => lowerCamel(name.replace(/^\[[a-z-]+\]/, '').replace(/\..*$/, '')));
  return [...new Set(resources)].map((name) => name.charAt(0).toUpperCase() + name.slice(1));
}
