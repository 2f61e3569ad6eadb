// Owns how console shows a value that is no string.
import { describeError } from './positions.js';

const DEPTH_MAX = 4;
const ELEMENTS_MAX = 100;

/** A line for people; nothing parses it. */
export function inspect(value: unknown, depth = 0, above: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return depth === 0 ? value : JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return `[function ${value.name || '(anonymous)'}]`;
    case 'object':
      return value === null ? 'null' : inspectObject(value, depth, above);
    default:
      return String(value);
  }
}

function inspectObject(value: object, depth: number, above: readonly object[]): string {
  if (value instanceof Error) return describeError(value).replace(/^threw /, '');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (above.includes(value)) return '[circular]';
  if (depth > DEPTH_MAX) return Array.isArray(value) ? '[...]' : '{...}';
  const inner = (each: unknown) => inspect(each, depth + 1, [...above, value]);
  const name = value.constructor?.name ?? '[no class]';
  if (Array.isArray(value)) return list('[', value, inner, ']');
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${name} ${list('[', Array.from(value as Uint8Array), inner, ']')}`;
  }
  if (value instanceof Map)
    return `Map ${list('{', [...value], ([key, each]) => `${inner(key)} => ${inner(each)}`, '}')}`;
  if (value instanceof Set) return `Set ${list('{', [...value], inner, '}')}`;
  const fields = list('{', Object.entries(value), ([key, each]) => `${key}: ${inner(each)}`, '}');
  return name === 'Object' ? fields : `${name} ${fields}`;
}

function list<T>(open: string, all: readonly T[], show: (each: T) => string, close: string): string {
  if (all.length === 0) return open + close;
  const shown = all.slice(0, ELEMENTS_MAX).map(show);
  if (all.length > ELEMENTS_MAX) shown.push(`${all.length - ELEMENTS_MAX} more`);
  return `${open} ${shown.join(', ')} ${close}`;
}
