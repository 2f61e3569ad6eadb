// Owns listening to an AbortSignal for as long as something is under way, and no longer.
import { AbortError } from './errors/classes.js';
import type { AbortSignalLike } from './structural.js';

export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw new AbortError(signal.reason);
}

/** Settles as `work` does, or rejects with an AbortError as soon as the signal is aborted. */
export async function abortable<T>(signal: AbortSignalLike | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  // From here on nobody may be left to hear how it failed.
  work.catch(() => undefined);
  throwIfAborted(signal);
  let listener: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    listener = () => reject(new AbortError(signal.reason));
    signal.addEventListener('abort', listener);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (listener !== undefined) signal.removeEventListener('abort', listener);
  }
}
