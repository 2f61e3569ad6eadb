// Owns what is known of one context: whether it is still good, and what it did.
import type { GuestClasses } from '../resources/guest-classes.js';
import type { Handles } from '../resources/handles.js';
import { Totals } from './stats.js';

export class ContextState {
  readonly totals = new Totals();
  /** A call in it failed, so the state that it kept is gone. */
  endedBy: { readonly cause: unknown } | undefined;
  /** finish() was called. */
  finished = false;
  /** What its resources are shown as. */
  classes: WeakRef<GuestClasses> | undefined;
  /** From the first call that could deal with resources. */
  handles: Handles | undefined;
}
