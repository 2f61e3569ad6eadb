// Owns how a call ends that does not return: what is thrown through jco and the guest, and what a caught error means.
import type { BindingError, BindingTrap } from '../../binding.js';
import { LimitError } from '../../errors/classes.js';
import { isRuntimeError } from './wasm.js';

/** Thrown by what the guest called, on our side; no guest can catch it. */
export class Stop extends Error {
  readonly error: BindingError;

  constructor(error: BindingError) {
    super(error.code);
    this.error = error;
  }
}

/** What V8 says, and which trap it is. */
const TRAPS: readonly (readonly [says: RegExp, trap: BindingTrap])[] = [
  [/unreachable/, 'unreachable'],
  [/memory access|data segment/, 'out-of-bounds'],
  [/divide by zero|remainder by zero/, 'divide-by-zero'],
  [/integer range|conversion to integer/, 'bad-conversion'],
  [/unrepresentable|integer overflow/, 'integer-overflow'],
  [/call stack|stack overflow/, 'stack-overflow'],
  [/table|null function|signature mismatch|dereferencing|indirect call/, 'indirect-call'],
];

/** Said by jco, and by V8 for it, of what breaks the canonical ABI. */
const BAD_RESULT =
  /encoded data|utf-?8|invalid i32|not a valid|discriminant|invalid (enum|variant|option|result|char|bool)|pointer|aligned/i;

export function errorOf(thrown: unknown): BindingError {
  if (thrown instanceof Stop) return thrown.error;
  if (thrown instanceof LimitError && thrown.limit === 'maxReplyBytes') {
    return { code: 'limit', limit: 'maxReplyBytes' };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = stackOf(thrown);
  if (isRuntimeError(thrown)) {
    const known = TRAPS.find(([says]) => says.test(message));
    return { code: 'trap', trap: known?.[1] ?? 'other', message, stack };
  }
  if (thrown instanceof RangeError && /call stack/.test(message)) {
    return { code: 'trap', trap: 'stack-overflow', message, stack };
  }
  if (BAD_RESULT.test(message)) return { code: 'bad-result', message, stack };
  return { code: 'trap', trap: 'other', message, stack };
}

/** The guest's frames only. */
function stackOf(thrown: unknown): string {
  const lines = thrown instanceof Error ? (thrown.stack ?? '').split('\n') : [];
  return lines
    .filter((line) => line.includes('wasm://') || line.includes('wasm-function'))
    .map((line) => line.trim().replace(/^at /, ''))
    .join('\n');
}
