// Owns what waits or runs on a sandbox: calls, and the changes of state around contexts.
import type { HyperlightError } from '../errors/base.js';
import type { AbortSignalLike } from '../structural.js';
import type { BoundFunction } from '../world/functions.js';
import type { ContextState } from './context-state.js';

/** How one call differs from the sandbox's defaults. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignalLike;
  /** In place of `limits.timeoutMs`. */
  readonly timeoutMs?: number;
}

interface JobBase {
  /** The add-on's number for it, from when it runs. */
  number: number;
  /** The caller has its answer, though the VM may not be done yet. */
  settled: boolean;
  resolve: ((value: unknown) => void) | undefined;
  reject: ((error: unknown) => void) | undefined;
  readonly signal: AbortSignalLike | undefined;
  onAbort: (() => void) | undefined;
  readonly timeoutMs: number;
  /** Ends the wait in the queue. */
  timer: NodeJS.Timeout | undefined;
}

export interface CallJob extends JobBase {
  readonly kind: 'call';
  readonly callee: BoundFunction;
  readonly context: ContextState | undefined;
  /** Its arguments, and by which time it must be over: only while it waits. */
  waiting: { readonly request: Uint8Array; readonly endsAtMs: number } | undefined;
  /** What went wrong on our side of it, which the add-on cannot know. */
  hostError: HyperlightError | undefined;
  /** The host function whose promise it waits for. */
  waitsFor: string | undefined;
}

/** `open` only waits for its turn, `reset` and `rebase` are the VM's. */
export interface StateJob extends JobBase {
  readonly kind: 'open' | 'reset' | 'rebase';
}

/** Takes a snapshot of a context's state, or of the base state. */
export interface CaptureJob extends JobBase {
  readonly kind: 'capture';
  readonly context: ContextState | undefined;
}

export type Job = CallJob | StateJob | CaptureJob;

export function newCall(
  callee: BoundFunction,
  { signal, timeoutMs }: CallOptions,
  defaultTimeoutMs: number,
  context: ContextState | undefined,
): CallJob {
  return {
    kind: 'call',
    callee,
    context,
    number: 0,
    settled: false,
    resolve: undefined,
    reject: undefined,
    signal,
    onAbort: undefined,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    timer: undefined,
    waiting: undefined,
    hostError: undefined,
    waitsFor: undefined,
  };
}

export function newStateJob(
  kind: StateJob['kind'],
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: CallOptions,
): StateJob {
  return {
    kind,
    number: 0,
    settled: false,
    resolve: undefined,
    reject: undefined,
    signal,
    onAbort: undefined,
    timeoutMs,
    timer: undefined,
  };
}

export function newCapture(timeoutMs: number, context: ContextState | undefined): CaptureJob {
  return { ...newStateJob('open', { timeoutMs }), kind: 'capture', context };
}

/** Gives the caller its answer, once, and takes off whatever would still hold on to the job. */
export function settle(job: Job, error: unknown, value?: unknown): void {
  if (job.settled) return;
  job.settled = true;
  if (job.onAbort !== undefined) job.signal?.removeEventListener('abort', job.onAbort);
  if (job.timer !== undefined) clearTimeout(job.timer);
  if (error === undefined) job.resolve?.(value);
  else job.reject?.(error);
}
