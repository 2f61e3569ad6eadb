// Owns when a call or a context is refused before anything runs.
import { AbortError, ClosedError, ContextOpenError, ReentrancyError } from '../errors/classes.js';
import type { AbortSignalLike } from '../structural.js';
import type { ContextState } from './context-state.js';

/** What the decision depends on. */
export interface Situation {
  readonly closed: Promise<void> | undefined;
  readonly context: ContextState | undefined;
  readonly hostCalls: { readonly running: number };
}

/** `context` is the one that is called through; without one it is a direct call, or the wish for a context. */
export function refusalOf(
  { closed, context: open, hostCalls }: Situation,
  what: string,
  signal: AbortSignalLike | undefined,
  context: ContextState | undefined,
): Error | undefined {
  if (closed !== undefined) return new ClosedError(`${what}: the sandbox is closed`);
  if (signal?.aborted) return new AbortError(signal.reason);
  if (hostCalls.running > 0) return new ReentrancyError(what);
  if (context === undefined) return open === undefined ? undefined : new ContextOpenError();
  if (context.endedBy !== undefined) {
    return new ClosedError(
      `${what}: the context ended when an earlier call in it failed; open another`,
      context.endedBy,
    );
  }
  return context.finished ? new ClosedError(`${what}: the context is finished; open another`) : undefined;
}

/** Whether a call comes from a pending host function cannot be told, so it is said where it may matter. */
export function reentrancyHint(waitsFor: string | undefined): string {
  return waitsFor === undefined
    ? ''
    : `; if ${waitsFor} made this call, it waited for itself: it has not answered yet`;
}
