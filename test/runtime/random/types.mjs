// Owns random WIT types, and what follows from one: a value of it from a seed, a text of a value.
// Plain JavaScript: the build needs it, and guests in JavaScript have it within them.

/** The types are the same in each run, so that guests are built once; the values are not. */
export const TYPES = 200;
export const TYPES_SEED = 7;

export const NUMBERS = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64'];
const LEAVES = ['bool', ...NUMBERS, 'char', 'string'];
const COMPOSITES = ['list', 'option', 'tuple', 'result', 'record', 'variant', 'enum', 'flags'];
const RICH = [...COMPOSITES, 'fixed', 'map'];
const DEPTH_MIN = 3;
const DEPTH_MAX = 4;

/** Xorshift: the same numbers in each language. */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** `0` is `a`, `25` is `z`, `26` is `ba`: digits would need rules of their own in each language. */
export function letters(index) {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest) : '') + String.fromCharCode(97 + (index % 26));
}

/** Of a function for the type at `index`, in lowerCamel. */
export function keyOf(prefix, index) {
  const name = letters(index);
  return `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Types that nest three levels at least, and the named ones among their parts, innermost first. `rich`: with maps and fixed-length lists. */
export function randomTypes(count, seed, rich) {
  const next = random(seed);
  const named = [];
  const kinds = rich ? RICH : COMPOSITES;
  const name = (type) => {
    type.name = `t-${letters(named.length)}`;
    named.push(type);
    return type;
  };
  const several = (prefix, most, of) =>
    Array.from({ length: 1 + (next() % most) }, (_, index) => [`${prefix}${letters(index)}`, of(index)]);
  const make = (depth) => {
    const isLeaf = depth >= DEPTH_MAX || (depth >= DEPTH_MIN && next() % 3 > 0);
    if (isLeaf) return { kind: LEAVES[next() % LEAVES.length] };
    const part = () => make(depth + 1);
    // What has no parts nests no deeper.
    const kind = kinds[next() % kinds.length];
    const deeper = depth < DEPTH_MIN - 1 && (kind === 'enum' || kind === 'flags') ? 'variant' : kind;
    return composite(deeper, part);
  };
  const composite = (kind, part) => {
    switch (kind) {
      case 'list':
      case 'option':
        return { kind, of: part() };
      case 'fixed':
        return { kind, of: part(), length: 1 + (next() % 4) };
      case 'map':
        return { kind, key: { kind: ['string', 'u32', 's64', 'char', 'bool'][next() % 5] }, value: part() };
      case 'tuple':
        return { kind, of: Array.from({ length: 1 + (next() % 3) }, part) };
      case 'result':
        return {
          kind,
          ok: next() % 4 === 0 ? undefined : part(),
          err: next() % 3 === 0 ? undefined : part(),
        };
      case 'record':
        return name({ kind, fields: several('f', 4, part) });
      case 'variant':
        return name({
          kind,
          cases: several('c', 4, (index) => (index > 0 && next() % 4 === 0 ? undefined : part())),
        });
      case 'enum':
        return name({ kind, cases: several('c', 9, () => undefined) });
      default:
        return name({ kind: 'flags', flags: several('g', 20, () => undefined) });
    }
  };
  const types = Array.from({ length: count }, () => make(0));
  return { types, named };
}

const CHARS = [
  'a',
  '\0',
  '\u007f',
  'é',
  '€',
  '\ud7ff',
  '\ue000',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '😀',
  '\u{10ffff}',
];

const isOption = (type) => type.kind === 'option';

/** Whether an option of that type has a tag: where `undefined` is one of its values already. */
export const isTagged = (inner) => isOption(inner) && !isTagged(inner.of);

/** Of lists of numbers. */
export const CLASSES = {
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

const view = new DataView(new ArrayBuffer(8));

/** The next value of that type. */
export function makeValue(type, next) {
  const make = (one) => (one === undefined ? undefined : makeValue(one, next));
  const many = (length, of) => Array.from({ length }, () => make(of));
  switch (type.kind) {
    case 'bool':
      return (next() & 1) === 1;
    case 'char':
      return CHARS[next() % CHARS.length];
    case 'string':
      return Array.from({ length: next() % 6 }, () => CHARS[next() % CHARS.length]).join('');
    case 'list': {
      const items = many(next() % 4, type.of);
      return CLASSES[type.of.kind]?.from(items) ?? items;
    }
    case 'fixed':
      return many(type.length, type.of);
    case 'map':
      return new Map((next() & 1) === 0 ? [] : [[make(type.key), make(type.value)]]);
    case 'option': {
      const isSome = (next() & 1) === 1;
      if (isTagged(type.of)) return isSome ? { tag: 'some', val: make(type.of) } : { tag: 'none' };
      return isSome ? make(type.of) : undefined;
    }
    case 'tuple':
      return type.of.map(make);
    case 'result': {
      const tag = (next() & 1) === 0 ? 'ok' : 'err';
      return type[tag] === undefined ? { tag } : { tag, val: make(type[tag]) };
    }
    case 'record':
      return Object.fromEntries(type.fields.map(([name, part]) => [name, make(part)]));
    case 'variant': {
      const [tag, part] = type.cases[next() % type.cases.length];
      return part === undefined ? { tag } : { tag, val: make(part) };
    }
    case 'enum':
      return type.cases[next() % type.cases.length][0];
    case 'flags':
      return Object.fromEntries(type.flags.map(([name]) => [name, (next() & 1) === 1]));
    default:
      return makeNumber(type.kind, next);
  }
}

function makeNumber(kind, next) {
  view.setUint32(0, next());
  if (kind.endsWith('64')) view.setUint32(4, next());
  switch (kind) {
    case 'u8':
      return view.getUint8(3);
    case 's8':
      return view.getInt8(3);
    case 'u16':
      return view.getUint16(2);
    case 's16':
      return view.getInt16(2);
    case 'u32':
      return view.getUint32(0);
    case 's32':
      return view.getInt32(0);
    case 'u64':
    case 's64': {
      // Half of them are such that a double has room for them.
      const wide = view.getBigInt64(0) >> BigInt((next() & 1) * 16);
      return kind === 's64' ? wide : BigInt.asUintN(64, wide);
    }
    case 'f32':
      return Number.isNaN(view.getFloat32(0)) ? 0 : view.getFloat32(0);
    default:
      return Number.isNaN(view.getFloat64(0)) ? 0 : view.getFloat64(0);
  }
}

/** What somebody says who has that value. */
export function tell(type, value) {
  const say = (one, of) => (one === undefined ? '' : tell(one, of));
  const each = (of, values) => Array.from(values, (one) => `${say(of, one)};`).join('');
  switch (type.kind) {
    case 'bool':
      return value ? 't' : 'f';
    case 'char':
      return String(value.codePointAt(0));
    case 'string':
      return `"${Array.from(value, (one) => `${one.codePointAt(0)},`).join('')}"`;
    case 'list':
    case 'fixed':
      return `[${each(type.of, value)}]`;
    case 'map':
      return `{${[...value].map(([key, one]) => `${say(type.key, key)}:${say(type.value, one)};`).join('')}}`;
    case 'option': {
      const isTag = isTagged(type.of);
      if (isTag ? value.tag === 'none' : value === undefined || value === null) return 'n';
      return `s(${say(type.of, isTag ? value.val : value)})`;
    }
    case 'tuple':
      return `(${type.of.map((one, index) => `${say(one, value[index])};`).join('')})`;
    case 'result':
      return `${value.tag === 'ok' ? 'o' : 'e'}(${say(type[value.tag], value.val)})`;
    case 'record':
      return `(${type.fields.map(([name, part]) => `${say(part, value[name])};`).join('')})`;
    case 'variant': {
      const index = type.cases.findIndex(([name]) => name === value.tag);
      return `${index}(${say(type.cases[index][1], value.val)})`;
    }
    case 'enum':
      return String(type.cases.findIndex(([name]) => name === value));
    case 'flags':
      return type.flags.map(([name]) => (value[name] ? '1' : '0')).join('');
    case 'f32':
      view.setFloat32(0, value);
      return String(view.getUint32(0));
    case 'f64':
      view.setFloat64(0, value);
      return String(view.getBigUint64(0));
    default:
      return String(value);
  }
}
