// Owns the WIT of random types, and of the world that the guests here implement.
import { letters, NUMBERS } from './types.mjs';

/** How WIT refers to it. */
export function witOf(type) {
  switch (type.kind) {
    case 'list':
    case 'option':
      return `${type.kind}<${witOf(type.of)}>`;
    case 'fixed':
      return `list<${witOf(type.of)}, ${type.length}>`;
    case 'map':
      return `map<${witOf(type.key)}, ${witOf(type.value)}>`;
    case 'tuple':
      return `tuple<${type.of.map(witOf).join(', ')}>`;
    case 'result': {
      const err = type.err === undefined ? '' : `, ${witOf(type.err)}`;
      if (type.ok === undefined) return err === '' ? 'result' : `result<_${err}>`;
      return `result<${witOf(type.ok)}${err}>`;
    }
    default:
      return type.name ?? type.kind;
  }
}

function declarationOf(type) {
  const member = ([name, part]) => (part === undefined ? name : `${name}(${witOf(part)})`);
  switch (type.kind) {
    case 'record':
      return `record ${type.name} { ${type.fields.map(([name, part]) => `${name}: ${witOf(part)}`).join(', ')} }`;
    case 'variant':
    case 'enum':
      return `${type.kind} ${type.name} { ${type.cases.map(member).join(', ')} }`;
    default:
      return `flags ${type.name} { ${type.flags.map(member).join(', ')} }`;
  }
}

const COPIED = ['bool', ...NUMBERS, 'char', 'enum', 'flags'];

/**
 * Whether an imported function takes the value in a list of one. wit-bindgen 0.63 moves the items of a fixed-length list
 * out of an argument that it only borrows, unless they lie in a list; where they cannot be copied, that does not compile.
 */
export function isListed(type) {
  if (type.kind === 'list' || type.kind === 'map') return false;
  if (type.kind === 'fixed' && !COPIED.includes(type.of.kind)) return true;
  return partsOf(type).some(isListed);
}

function partsOf(type) {
  const members = [...(type.fields ?? []), ...(type.cases ?? [])].map(([, part]) => part);
  return [type.of, type.key, type.value, type.ok, type.err, ...members]
    .flat()
    .filter((part) => part !== undefined);
}

/**
 * A world with three functions for each type, values there and back, one as text, some from a seed, and one of the host's:
 * a value for a value. `relay` tells what that gave for values from a seed.
 */
export function worldOf({ types, named }, packageName) {
  const use = `use types.{${named.map(({ name }) => name).join(', ')}};`;
  // Names are looked through, those of another interface as well: each is that of a third of the answers.
  const renamed = types.flatMap((type, index) =>
    index % 3 === 2 ? [`type u-${letters(index)} = ${witOf(type)};`] : [],
  );
  const swaps = types.flatMap((type, index) => {
    const [wit, name] = [witOf(type), letters(index)];
    const argument = isListed(type) ? `list<v-${name}>` : `v-${name}`;
    const answer = [wit, `v-${name}`, `u-${name}`][index % 3];
    const use = index % 3 === 2 ? [`use types.{u-${name}};`] : [];
    return [...use, `type v-${name} = ${wit};`, `swap-${name}: func(value: ${argument}) -> ${answer};`];
  });
  const functions = types.flatMap((type, index) => {
    const [wit, name] = [witOf(type), letters(index)];
    return [
      `echo-${name}: func(values: list<${wit}>) -> list<${wit}>;`,
      `tell-${name}: func(value: ${wit}) -> string;`,
      `make-${name}: func(seed: u32, count: u32) -> list<${wit}>;`,
    ];
  });
  return [
    `package ${packageName};`,
    block('interface types', [...named.map(declarationOf), ...renamed]),
    block('interface host', [use, ...swaps]),
    block('interface values', [
      use,
      ...functions,
      'relay: func(index: u32, seed: u32, count: u32) -> list<string>;',
    ]),
    block('world guest', ['import host;', 'export values;']),
  ].join('\n\n');
}

const block = (head, lines) => `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
