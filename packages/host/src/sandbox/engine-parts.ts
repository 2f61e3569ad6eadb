// Owns what an engine is made of.
import type { Binding } from '../binding.js';
import type { HostFunction } from './imports.js';
import type { AllLimits } from './limits.js';
import type { Output } from './output.js';

export interface EngineParts {
  readonly binding: Binding;
  readonly imports: readonly HostFunction[];
  /** Whether any function deals with resources. */
  readonly hasResources: boolean;
  readonly limits: AllLimits;
  readonly output: Output;
  /** The component's hash, for who listens. */
  readonly component: string;
  readonly holdings: Holdings | undefined;
  /** The parts of WASI that the guest was granted. */
  readonly granted: readonly string[];
}

/** What the host holds for its guest, besides the guest's resources. */
export interface Holdings {
  /** The state that they were held for is gone. */
  stateEnded(): void;
  /** Idempotent. */
  close(): void;
}
