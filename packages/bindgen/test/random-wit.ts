// Owns random WIT: packages whose interfaces lend each other types and resources, with a world that takes some of them.

/** The same numbers for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `end`, without it. */
  below(end: number): number {
    // xorshift, with the state never 0.
    let x = this.#state || 0x9e3779b9;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % end;
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const PRIMITIVES = ['bool', 'u8', 's16', 'u32', 's64', 'f32', 'f64', 'char', 'string'];
/** Few, so that they meet. */
const NAMES = [
  'item',
  'thing',
  'node',
  'map',
  'state',
  'class',
  'new',
  'promise',
  'world',
  'host-thing',
  'item-class',
];

interface Visible {
  readonly name: string;
  readonly isResource: boolean;
}

class Interface {
  readonly name: string;
  readonly types: Visible[] = [];
  readonly lines: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** A name that is free here. */
  fresh(random: Random): string {
    const taken = new Set(this.types.map(({ name }) => name));
    const free = NAMES.filter((name) => !taken.has(name));
    return free.length === 0 ? `more-${taken.size}` : random.oneOf(free);
  }
}

export function randomWit(random: Random): string {
  const all: Interface[] = [];
  const count = 2 + random.below(4);
  for (let index = 0; index < count; index++) all.push(interfaceOf(random, `part${index}`, all));
  const world = new Interface('');
  const lines = all.flatMap(({ name }) => {
    const verbs = random.oneOf([[], ['import'], ['export'], ['import', 'export'], ['import', 'export']]);
    return verbs.map((verb) => `${verb} ${name};`);
  });
  if (random.chance(50)) uses(random, world, all);
  if (random.chance(30)) resource(random, world);
  for (const verb of ['import', 'export']) {
    if (random.chance(40))
      lines.push(`${verb} ${verb}-it: func(${params(random, world)})${result(random, world)};`);
  }
  const parts = all.map(({ name, lines }) => `interface ${name} {\n  ${lines.join('\n  ')}\n}\n`);
  return `package r:r@1.0.0;\n${parts.join('')}world all {\n  ${[...world.lines, ...lines].join('\n  ')}\n}\n`;
}

function interfaceOf(random: Random, name: string, before: readonly Interface[]): Interface {
  const made = new Interface(name);
  if (before.length > 0 && random.chance(70)) uses(random, made, before);
  for (let left = random.below(5); left > 0; left--) {
    if (random.chance(35)) resource(random, made);
    else define(random, made);
  }
  for (let left = random.below(3); left > 0; left--) {
    made.lines.push(`do${left}: func(${params(random, made)})${result(random, made)};`);
  }
  return made;
}

function uses(random: Random, into: Interface, from: readonly Interface[]): void {
  for (let left = 1 + random.below(2); left > 0; left--) {
    const other = random.oneOf(from);
    if (other.types.length === 0) continue;
    const lent = random.oneOf(other.types);
    const isTaken = into.types.some(({ name }) => name === lent.name);
    const name = isTaken || random.chance(30) ? into.fresh(random) : lent.name;
    const as = name === lent.name ? '' : ` as %${name}`;
    into.lines.push(`use ${other.name}.{%${lent.name}${as}};`);
    into.types.push({ name, isResource: lent.isResource });
  }
}

function define(random: Random, into: Interface): void {
  const name = into.fresh(random);
  const members = ['a', 'b-c', 'new'].slice(0, 1 + random.below(3));
  const text = random.oneOf([
    () => `record %${name} { ${members.map((one) => `%${one}: ${type(random, into, 2)}`).join(', ')} }`,
    () =>
      `variant %${name} { ${members.map((one) => `%${one}(${type(random, into, 2)})`).join(', ')}, none }`,
    () => `enum %${name} { ${members.map((one) => `%${one}`).join(', ')} }`,
    () => `flags %${name} { ${members.map((one) => `%${one}`).join(', ')} }`,
    () => `type %${name} = ${type(random, into, 3)};`,
  ])();
  into.lines.push(text);
  into.types.push({ name, isResource: false });
}

function resource(random: Random, into: Interface): void {
  const name = into.fresh(random);
  into.types.push({ name, isResource: true });
  const members: string[] = [];
  if (random.chance(50)) members.push(`constructor(${params(random, into)});`);
  if (random.chance(60)) members.push(`get: func(${params(random, into)})${result(random, into)};`);
  if (random.chance(40)) members.push(`create: static func(${params(random, into)}) -> %${name};`);
  into.lines.push(`resource %${name} { ${members.join(' ')} }`);
}

function params(random: Random, where: Interface): string {
  const names = ['a', 'self-it', 'function'].slice(0, random.below(4));
  return names
    .map((name) => `${name === 'function' ? 'func-it' : name}: ${borrowedOr(random, where)}`)
    .join(', ');
}

function borrowedOr(random: Random, where: Interface): string {
  const resources = where.types.filter(({ isResource }) => isResource);
  if (resources.length > 0 && random.chance(30)) return `borrow<%${random.oneOf(resources).name}>`;
  return type(random, where, 3);
}

function result(random: Random, where: Interface): string {
  return random.chance(30) ? '' : ` -> ${type(random, where, 3)}`;
}

function type(random: Random, where: Interface, depth: number): string {
  if (where.types.length > 0 && random.chance(50)) return `%${random.oneOf(where.types).name}`;
  if (depth === 0 || random.chance(30)) return random.oneOf(PRIMITIVES);
  const inner = () => type(random, where, depth - 1);
  return random.oneOf([
    () => `list<${inner()}>`,
    () => `list<${inner()}, 3>`,
    () => `option<${inner()}>`,
    () => `result<${inner()}, ${inner()}>`,
    () => `result<_, ${inner()}>`,
    () => `tuple<${inner()}, ${inner()}>`,
    () => `map<string, ${inner()}>`,
  ])();
}
