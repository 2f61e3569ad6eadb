// Owns HyperlightError and how its classes are recognised.
import type { ErrorClassName, ErrorCode } from './table.js';

// In the global registry, so that two copies of this package in one process recognise each other's errors.
const BRAND = Symbol.for('@hl/host.error');

const brandOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (value as { [BRAND]?: unknown })[BRAND] : undefined;

/**
 * What every error of this package is. `code` is one of a closed list: see docs/errors.md.
 *
 * @example
 * try {
 *   await sandbox.exports.greet('World');
 * } catch (error) {
 *   if (error instanceof HyperlightError && error.code === 'ERR_HL_TIMEOUT') retryLater();
 *   else throw error;
 * }
 */
export class HyperlightError extends Error {
  readonly code: ErrorCode;
  declare readonly cause?: unknown;

  constructor(code: ErrorCode, message: string, cause?: { readonly cause: unknown }) {
    super(message, cause);
    this.code = code;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked about, which may be a derived one
    return isInstance(this, value);
  }
}

Object.defineProperty(HyperlightError.prototype, 'name', { value: 'HyperlightError', writable: true });

/** Gives a class its brand and its `name`, both on the prototype. */
export function brand(classOf: { readonly prototype: HyperlightError }, name: ErrorClassName): void {
  Object.defineProperty(classOf.prototype, BRAND, { value: name });
  Object.defineProperty(classOf.prototype, 'name', { value: name, writable: true });
}

function isInstance(asked: { readonly prototype: object & { [BRAND]?: unknown } }, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(asked, value)) return true;
  // A class derived by the user has no brand of its own: for it, only the prototype counts.
  if (Object.hasOwn(asked.prototype, BRAND)) return brandOf(value) === asked.prototype[BRAND];
  return asked === HyperlightError && brandOf(value) !== undefined;
}
