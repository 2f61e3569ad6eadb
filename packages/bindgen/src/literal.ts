// Owns how plain data is laid out as a TypeScript literal: on one line where it fits, else an entry a line.
import { quote, quoteKey } from './printable.js';

/** Data may be wider than code: a function a line is easier to read than a page for each. */
const WIDTH = 140;

export type Data =
  | string
  | number
  | boolean
  | null
  | readonly Data[]
  | { readonly [key: string]: Data | undefined };

/** `before` is what stands on the line already, `after` what follows at the end. */
export function literal(value: Data, indent = 0, before = 0, after = 1): string {
  const flat = oneLine(value);
  if (indent + before + flat.length + after <= WIDTH || typeof value !== 'object' || value === null)
    return flat;
  const inner = ' '.repeat(indent + 2);
  const [open, lines, close] = isList(value)
    ? ['[', value.map((item) => literal(item, indent + 2)), ']']
    : [
        '{',
        entries(value).map(([name, item]) => `${name}: ${literal(item, indent + 2, name.length + 2)}`),
        '}',
      ];
  return [open, ...lines.map((line) => `${inner}${line},`), `${' '.repeat(indent)}${close}`].join('\n');
}

function oneLine(value: Data): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isList(value)) return `[${value.map(oneLine).join(', ')}]`;
  const inner = entries(value).map(([name, item]) => `${name}: ${oneLine(item)}`);
  return inner.length === 0 ? '{}' : `{ ${inner.join(', ')} }`;
}

function entries(value: { readonly [key: string]: Data | undefined }): [string, Data][] {
  return Object.entries(value)
    .filter((entry): entry is [string, Data] => entry[1] !== undefined)
    .map(([name, item]) => [quoteKey(name), item]);
}

function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}
