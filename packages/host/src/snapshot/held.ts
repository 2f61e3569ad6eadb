// Owns what this package keeps of a snapshot that lives in the add-on.
import type { Binding } from '../binding.js';
import type { Component } from '../component.js';

export interface Held {
  readonly binding: Binding;
  /** The add-on's number for it. */
  readonly number: number;
  readonly component: Component;
  /** The parts of WASI that its guest was granted. */
  readonly granted: readonly string[];
  /** Where it was loaded from. */
  readonly file?: string;
}
