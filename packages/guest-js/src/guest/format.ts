// Owns how the arguments of console become one text: places such as `%d` in the first one, and the rest behind it.
import { inspect } from './inspect.js';

/** What each place does with its argument. */
const PLACES: Record<string, (value: unknown) => string> = {
  s: (value) => (typeof value === 'string' ? value : inspect(value)),
  d: (value) => (typeof value === 'bigint' ? `${value}n` : number(() => Number(value))),
  i: (value) => (typeof value === 'bigint' ? `${value}n` : number(() => Number.parseInt(String(value), 10))),
  f: (value) => number(() => Number.parseFloat(String(value))),
  j: json,
  o: (value) => inspect(value, 0),
  O: (value) => inspect(value, 0),
  // A style for browsers.
  c: () => '',
};

/** Symbols, and objects that nothing converts, are no reason for a line of output to throw. */
function number(convert: () => number): string {
  try {
    return String(convert());
  } catch {
    return 'NaN';
  }
}

/** What JSON cannot say is shown as elsewhere. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return inspect(value);
  }
}

export function format(values: readonly unknown[]): string {
  const [first, ...rest] = values;
  if (typeof first !== 'string' || rest.length === 0) return values.map((value) => inspect(value)).join(' ');
  let used = 0;
  const text = first.replace(/%([sdifjoOc%])/g, (place, kind: string) => {
    if (kind === '%') return '%';
    return used < rest.length ? (PLACES[kind]?.(rest[used++]) ?? place) : place;
  });
  return [text, ...rest.slice(used).map((value) => inspect(value))].join(' ');
}
