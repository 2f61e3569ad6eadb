// Owns what a codec throws: a JavaScript value that does not fit its WIT type, or bytes that are no value of it.

/** A value that does not fit. Its path is gathered while the error travels outwards. */
export class Mismatch extends Error {
  readonly kind: 'type' | 'range';
  readonly expectation: string;
  path = '';

  constructor(kind: 'type' | 'range', expectation: string) {
    super(expectation);
    this.kind = kind;
    this.expectation = expectation;
  }

  /** As users see it: `args[0].tags[3]: expected string, got number`. */
  toUserError(root: string): TypeError | RangeError {
    const message = `${root}${this.path}: ${this.expectation}`;
    return this.kind === 'type' ? new TypeError(message) : new RangeError(message);
  }
}

/** The value is of another type. */
export function wrongType(expected: string, value: unknown): Mismatch {
  return new Mismatch('type', `expected ${expected}, got ${kindOf(value)}`);
}

/** The value is of the right type, but not one of those allowed. */
export function outOfRange(expected: string, value: unknown): Mismatch {
  return new Mismatch('range', `expected ${expected}, got ${shown(value)}`);
}

/** Adds a step to the path of an error on its way out; other errors (a getter that threw) pass as they are. */
export function within(error: unknown, step: string | number): unknown {
  if (error instanceof Mismatch)
    error.path = (typeof step === 'number' ? `[${step}]` : `.${step}`) + error.path;
  return error;
}

/** Bytes from the guest that are not a value of the type that they claim to be. */
export class Malformed extends Error {}

/** Bytes from the guest that are a value of their type, but one that would take too much in this process. */
export class Oversized extends Error {}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? name : 'object';
}

const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, SHOWN_CHARACTERS)}'`;
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
