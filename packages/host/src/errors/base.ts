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
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    // A class derived by the user has no brand of its own: for it, only the prototype counts.
    if (Object.hasOwn(this.prototype, BRAND)) return brandOf(value) === this.prototype[BRAND];
    return this === HyperlightError && brandOf(value) !== undefined;
  }
}

Object.defineProperty(HyperlightError.prototype, 'name', { value: 'HyperlightError', writable: true });

/** Gives a class its brand and its `name`, both on the prototype. */
export function brand(classOf: { readonly prototype: HyperlightError }, name: ErrorClassName): void {
  Object.defineProperty(classOf.prototype, BRAND, { value: name });
  Object.defineProperty(classOf.prototype, 'name', { value: name, writable: true });
}
