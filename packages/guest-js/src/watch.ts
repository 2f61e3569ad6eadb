// Owns building again whenever one of a guest's files changes.
import { type BuildOptions, type BuiltGuest, buildWith } from './build.js';
import { nextChange } from './changes.js';
import { Componentizer } from './componentizer.js';

export interface WatchOptions extends BuildOptions {
  onBuilt(guest: BuiltGuest): void;
  /** A build that failed, or a folder that cannot be watched; the next change is built all the same. */
  onError(error: unknown): void;
  signal?: AbortSignal;
}

/**
 * Builds now and after each change, until the signal says stop. A folder that is not there yet is waited for.
 *
 * # Throws
 * `GuestBuildError` if no folder of the guest's can be watched.
 */
export async function watchGuest({ onBuilt, onError, signal, ...options }: WatchOptions): Promise<void> {
  const { entry, wit } = options;
  let inputs: readonly string[] = [];
  const componentizer = new Componentizer();
  try {
    while (!signal?.aborted) {
      const change = nextChange({ entry, wit, inputs }, onError, signal);
      try {
        const guest = await buildWith(componentizer, options);
        inputs = guest.inputs;
        onBuilt(guest);
      } catch (error) {
        onError(error);
      }
      await change;
    }
  } finally {
    componentizer.close();
  }
}
