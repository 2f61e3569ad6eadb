// Owns the other forms in which a value is taken, by the host and by guests in JavaScript, which take more of them.
import { CLASSES, isTagged } from './types.mjs';

/** What means the same as `value`, made of other forms wherever its parts have one; the value itself stays as it is. */
export function otherForm(type, value, next, forGuest) {
  const other = (one, part) => (part === undefined ? undefined : otherForm(part, one, next, forGuest));
  const payload = ({ tag, val }, part) => ({ isIgnored: true, val: other(val, part), tag });
  switch (type.kind) {
    case 'string':
      return withLoneSurrogates(value, next);
    case 'f32':
      return unrounded(value);
    case 'u64':
    case 's64':
      return forGuest && Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'u8':
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32':
      return value === 0 ? -0 : value;
    case 'list':
      return CLASSES[type.of.kind]
        ? otherNumbers(type.of, value, next, forGuest)
        : value.map((one) => other(one, type.of));
    case 'fixed': {
      const items = value.map((one) => other(one, type.of));
      return CLASSES[type.of.kind]?.from(items) ?? items;
    }
    case 'map':
      return new OtherMap([...value].map(([key, one]) => [other(key, type.key), other(one, type.value)]));
    case 'option':
      if (isTagged(type.of)) return payload(value, value.tag === 'some' ? type.of : undefined);
      return value === undefined ? null : other(value, type.of);
    case 'tuple':
      return value.map((one, index) => other(one, type.of[index]));
    case 'result':
      return payload(value, type[value.tag]);
    case 'record':
      return otherRecord(type, value, other);
    case 'variant':
      return payload(value, type.cases.find(([name]) => name === value.tag)[1]);
    case 'flags':
      return Object.fromEntries(Object.entries(value).filter(([, isOn]) => isOn || (next() & 1) === 1));
    default:
      return value;
  }
}

class OtherMap extends Map {}

/** In another order, with one that is not known, without those that are none, some of them inherited getters. */
function otherRecord(type, value, other) {
  const inherited = {};
  const record = Object.create(inherited, { isIgnored: { value: true, enumerable: true } });
  for (const [index, [name, part]] of [...type.fields.entries()].reverse()) {
    const one = other(value[name], part);
    if (one === undefined || one === null) continue;
    if (index % 2 === 0) record[name] = one;
    else Object.defineProperty(inherited, name, { get: () => one });
  }
  return record;
}

/** Each is U+FFFD when it arrives. All are high or all are low, because two that meet would be a character. */
function withLoneSurrogates(text, next) {
  const lone = (next() & 1) === 1 ? '\ud8ff' : '\udcff';
  return text.replaceAll('\ufffd', lone);
}

/** A number with more bits that rounds to this one. */
function unrounded(value) {
  const near = value * (1 + 2 ** -30);
  return Object.is(Math.fround(near), value) ? near : value;
}

/** A list of numbers as an array, of a derived class, or from the middle of a buffer; a guest takes another class, too. */
function otherNumbers(part, value, next, forGuest) {
  const items = () => Array.from(value, (one) => otherForm(part, one, next, forGuest));
  switch (next() % 4) {
    case 0:
      return items();
    case 1:
      if (part.kind === 'u8' && globalThis.Buffer !== undefined) return Buffer.from(value);
      return DERIVED[part.kind].from(value);
    case 2:
      return CLASSES[part.kind].from([...value, ...value]).subarray(value.length);
    default: {
      const isExact = part.kind.endsWith('64');
      return forGuest && !isExact ? Float64Array.from(items()) : items();
    }
  }
}

const DERIVED = Object.fromEntries(
  Object.entries(CLASSES).map(([kind, Class]) => [kind, class extends Class {}]),
);
