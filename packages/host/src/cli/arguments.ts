// Owns how words of a shell become values of WIT types, and values become text.
import { resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';
import { lowerCamel } from '../names.js';

type Types = readonly TypeDescriptor[];

/** A plain word where a string, an enum or a character is wanted, otherwise JSON. */
export function fromWord(types: Types, ref: TypeRef, word: string): unknown {
  const type = resolve(types, ref);
  const isText = type === 'string' || type === 'char' || (typeof type === 'object' && type.kind === 'enum');
  if (isText) return isQuoted(word) ? fromJson(types, ref, JSON.parse(word)) : word;
  if (type === 'u64' || type === 's64') return toBigInt(word);
  if (typeof type === 'object' && type.kind === 'option' && word !== 'null')
    return fromWord(types, type.type, word);
  return fromJson(types, ref, parseJson(word));
}

function isQuoted(word: string): boolean {
  try {
    return typeof JSON.parse(word) === 'string';
  } catch {
    return false;
  }
}

function parseJson(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    throw new TypeError(`the argument ${word} is not JSON`);
  }
}

function toBigInt(value: unknown): unknown {
  const isWhole = typeof value === 'number' ? Number.isInteger(value) : /^-?\d+$/.test(String(value));
  return isWhole ? BigInt(value as number | string) : value;
}

/** What JSON cannot say is made of what it can: 64-bit integers of numbers, maps of objects or pairs. */
function fromJson(types: Types, ref: TypeRef, json: unknown): unknown {
  const type = resolve(types, ref);
  if (type === 'u64' || type === 's64') return toBigInt(json);
  if (typeof type === 'string') return json;
  switch (type.kind) {
    case 'list':
    case 'fixed-list':
      return Array.isArray(json) ? json.map((item) => fromJson(types, type.type, item)) : json;
    case 'tuple':
      return Array.isArray(json)
        ? json.map((item, index) => fromJson(types, type.types[index] ?? 'bool', item))
        : json;
    case 'option':
      return json === null ? undefined : fromJson(types, type.type, json);
    case 'record':
      return mapMembers(json, (name, value) => {
        const field = type.fields.find((one) => lowerCamel(one.name) === name);
        return field === undefined ? value : fromJson(types, field.type, value);
      });
    case 'variant':
      return mapMembers(json, (name, value) => {
        const one = type.cases.find((candidate) => candidate.name === (json as { tag?: unknown }).tag);
        return name === 'val' && one?.type !== undefined ? fromJson(types, one.type, value) : value;
      });
    case 'result':
      return mapMembers(json, (name, value) => {
        const side = (json as { tag?: unknown }).tag === 'ok' ? type.ok : type.err;
        return name === 'val' && side !== undefined ? fromJson(types, side, value) : value;
      });
    case 'map':
      return mapFromJson(types, type.key, type.value, json);
    default:
      return json;
  }
}

function mapMembers(json: unknown, change: (name: string, value: unknown) => unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, change(name, value)]));
}

function mapFromJson(types: Types, key: TypeRef, item: TypeRef, json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  const entries = Array.isArray(json) ? (json as [unknown, unknown][]) : Object.entries(json);
  return new Map(entries.map(([k, v]) => [fromJson(types, key, k), fromJson(types, item, v)]));
}

/** A string as it is, anything else as JSON. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
    if (ArrayBuffer.isView(part)) return Array.from(part as unknown as ArrayLike<unknown>);
    return part instanceof Map ? [...part] : part;
  });
}
