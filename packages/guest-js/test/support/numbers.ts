// Owns the guest of the integer tests: every width, made by the guest itself, in every position of a type.

/** JavaScript as it stands in the guest, and what must arrive. Literals and results differ inside an engine. */
export const MADE: Record<string, readonly (readonly [source: string, value: unknown])[]> = {
  u8: [
    ['0', 0],
    ['255', 255],
    ['510 / 2', 255],
    ['1e2', 100],
  ],
  s8: [
    ['-128', -128],
    ['127', 127],
    ['-256 / 2', -128],
    ['-1', -1],
  ],
  u16: [
    ['65535', 65535],
    ['131070 / 2', 65535],
    ['2 ** 15', 32768],
  ],
  s16: [
    ['-32768', -32768],
    ['32767', 32767],
    ['-(2 ** 15)', -32768],
  ],
  u32: [
    ['0', 0],
    ['2147483647', 2147483647],
    ['2147483648', 2147483648],
    ['3000000000', 3000000000],
    ['4294967295', 4294967295],
    ['2 ** 31 + 5', 2147483653],
    ['-1 >>> 0', 4294967295],
    ['6e9 / 2', 3000000000],
  ],
  s32: [
    ['-2147483648', -2147483648],
    ['2147483647', 2147483647],
    ['-(2 ** 31)', -2147483648],
    ['-4e9 / 2', -2000000000],
  ],
  u64: [
    ['0n', 0n],
    ['9007199254740993n', 9007199254740993n],
    ['18446744073709551615n', 18446744073709551615n],
    ['2n ** 63n', 9223372036854775808n],
    ['BigInt(2 ** 53)', 9007199254740992n],
    ['7', 7n],
  ],
  s64: [
    ['-1n', -1n],
    ['-9223372036854775808n', -9223372036854775808n],
    ['9223372036854775807n', 9223372036854775807n],
    ['-(2n ** 53n) - 1n', -9007199254740993n],
    ['-7', -7n],
  ],
  f32: [
    ['0.5', 0.5],
    ['-0', -0],
    ['1 / 0', Infinity],
    ['2 ** 31', 2147483648],
    ['4294967296', 4294967296],
    ['3', 3],
  ],
  f64: [
    ['0.1', 0.1],
    ['-1 / 0', -Infinity],
    ['0 / 0', NaN],
    ['2 ** 53', 9007199254740992],
    ['4294967295', 4294967295],
  ],
  char: [
    ["'a'", 'a'],
    ["'\\u{10ffff}'", '\u{10ffff}'],
    ['String.fromCodePoint(0x1f600)', '😀'],
  ],
  bool: [
    ['true', true],
    ['1 > 2', false],
  ],
  string: [
    ["''", ''],
    ["'h€llo ' + '😀'", 'h€llo 😀'],
    ["'\\ud800'", '\ufffd'],
  ],
};

/** A type around another one: its WIT, how JavaScript makes it, and how it arrives. */
interface Position {
  wit(type: string): string;
  make(value: string): string;
  arrives(value: unknown, type: string): unknown;
}

const TYPED: Record<string, { from(values: never[]): unknown }> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

const listOf = (type: string, values: unknown[]) => TYPED[type]?.from(values as never[]) ?? values;

export const POSITIONS: Record<string, Position> = {
  flat: { wit: (type) => type, make: (value) => value, arrives: (value) => value },
  option: { wit: (type) => `option<${type}>`, make: (value) => value, arrives: (value) => value },
  list: {
    wit: (type) => `list<${type}>`,
    make: (value) => `[${value}, ${value}]`,
    arrives: (value, type) => listOf(type, [value, value]),
  },
  tuple: {
    wit: (type) => `tuple<${type}, u8>`,
    make: (value) => `[${value}, 1]`,
    arrives: (value) => [value, 1],
  },
  record: {
    wit: (type) => `r-${type}`,
    make: (value) => `{ theValue: ${value} }`,
    arrives: (value) => ({ theValue: value }),
  },
  variant: {
    wit: (type) => `v-${type}`,
    make: (value) => `{ tag: 'some-value', val: ${value} }`,
    arrives: (value) => ({ tag: 'some-value', val: value }),
  },
  inner: {
    wit: (type) => `result<${type}, option<${type}>>`,
    make: (value) => `{ tag: 'err', val: ${value} }`,
    arrives: (value) => ({ tag: 'err', val: value }),
  },
  nested: {
    wit: (type) => `list<option<r-${type}>>`,
    make: (value) => `[undefined, { theValue: ${value} }]`,
    arrives: (value) => [undefined, { theValue: value }],
  },
};

const types = Object.keys(MADE);
const positions = Object.entries(POSITIONS);

/** A function result cannot be a `result` in a plain position, so `inner` travels in a tuple. */
const carried = (position: string, wit: string) => (position === 'inner' ? `tuple<${wit}>` : wit);
const carry = (position: string, made: string) => (position === 'inner' ? `[${made}]` : made);
export const arrival = (position: string, value: unknown) => (position === 'inner' ? [value] : value);

export function numbersWit(): string {
  const declared = types.flatMap((type) => [
    `record r-${type} { the-value: ${type} }`,
    `variant v-${type} { none, some-value(${type}) }`,
  ]);
  const used = types.flatMap((type) => [`r-${type}`, `v-${type}`]).join(', ');
  const functions = (make: (type: string, name: string, wit: string) => string) =>
    types.flatMap((type) => positions.map(([name, { wit }]) => make(type, name, carried(name, wit(type)))));
  return `package test:numbers;
interface types { ${declared.join('\n')} }
interface host { use types.{${used}};
${functions((type, name, wit) => `see-${type}-${name}: func(value: ${wit}) -> ${wit};`).join('\n')} }
interface guest { use types.{${used}};
${functions((type, name, wit) => `make-${type}-${name}: func(at: u8) -> ${wit}; pass-${type}-${name}: func(at: u8) -> ${wit}; echo-${type}-${name}: func(value: ${wit}) -> ${wit}; show-${type}-${name}: func(value: ${wit}) -> string;`).join('\n')} }
world numbers { import host; export guest; }`;
}

/** \`make\` returns a value of the guest's, \`pass\` sends it through an import first, \`show\` tells what came in. */
export function numbersSource(): string {
  const camel = (type: string, name: string) =>
    type.replace(/^./, (c) => c.toUpperCase()) + name.replace(/^./, (c) => c.toUpperCase());
  const lines = types.flatMap((type) =>
    positions.flatMap(([name, { make }]) => {
      const cases = MADE[type]!.map(([source], at) => `case ${at}: return ${carry(name, make(source))};`);
      const id = camel(type, name);
      return [
        `make${id}(at) { switch (at) { ${cases.join(' ')} } },`,
        `pass${id}(at) { return host.see${id}(this.make${id}(at)); },`,
        `echo${id}(value) { return value; },`,
        `show${id}(value) { return show(value); },`,
      ];
    }),
  );
  return `import * as host from 'test:numbers/host';
function show(value) {
  if (typeof value === 'bigint') return value + 'n';
  if (Object.is(value, -0)) return '-0';
  if (value === undefined || typeof value !== 'object') return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const name = value.constructor.name;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return name + '[' + Array.from(value, show) + ']';
  return name + '{' + Object.entries(value).map(([key, each]) => key + ':' + show(each)) + '}';
}
export const guest = {\n${lines.join('\n')}\n};`;
}

/** What \`show\` in the guest says. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === undefined || typeof value !== 'object') return String(value);
  const name = (value as object).constructor.name;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `${name}[${Array.from(value as unknown[], show)}]`;
  return `${name}{${Object.entries(value as object).map(([key, each]) => `${key}:${show(each)}`)}}`;
}
