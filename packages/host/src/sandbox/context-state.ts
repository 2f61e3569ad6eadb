// Owns what is known of one context: whether it is still good, and what it did.
import { Totals } from './stats.js';

export class ContextState {
  readonly totals = new Totals();
  /** A call in it failed, so the state that it kept is gone. */
  endedBy: { readonly cause: unknown } | undefined;
  /** finish() was called. */
  finished = false;
}
