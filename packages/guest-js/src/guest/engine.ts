// Owns what the rest of the guest's code asks of the JavaScript engine below it.
import type { Dialect } from './codec.js';

export interface Engine {
  dialect: Dialect;
  /** Whether the engine itself waits for a promise that an export returns. */
  awaits: boolean;
  /** Whether a resource of the host's that was lent to an export has to be let go of before the export returns. */
  returnsLoans: boolean;
  /**
   * Whether an import returns `{ tag, val }` where its type is a `result` under a name of another type's, and throws the
   * error case of others only.
   */
  tagsRenamedResults: boolean;
  /** What an export function whose type is a `result` hands to the engine for the value of its ok case. */
  returned(value: unknown): unknown;
  /** Ends an export function whose type is a `result` with its error case: returns what to hand over, or throws. */
  failed(payload: unknown): unknown;
  /** Writes the text to stderr and ends the instance: returns what to hand over, or throws. */
  trap(text: string, isResult: boolean): unknown;
  /** Writes one line to stderr. */
  report(text: string): void;
}
