// Owns the error of a value that does not fit its WIT type; it gathers the path to the value on its way up.

export class Mismatch extends TypeError {
  path = '';

  constructor(expected: string, value: unknown) {
    super(`expected ${expected}, got ${shown(value)}`);
  }
}

/** Adds one step to the path of a mismatch that comes from within; other errors pass as they are. */
export function within(error: unknown, step: string): unknown {
  if (error instanceof Mismatch) error.path = step + error.path;
  return error;
}

/** The whole message: `quote(): result.tags[3]: expected string, got 7`. */
export function placed(error: unknown, place: string): unknown {
  if (!(error instanceof Mismatch)) return error;
  error.message = `${place}${error.path}: ${error.message}`;
  return error;
}

const SHOWN_MAX = 40;

function shown(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'string':
      return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}...` : value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'an array';
      return `an object (${value.constructor?.name ?? 'no class'})`;
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
  }
}
