// Owns what waits or runs on a sandbox: calls, and the changes of state around contexts.
import type { HyperlightError } from '../errors/base.js';
import type { Transfer } from '../resources/handles.js';
import type { AbortSignalLike } from '../structural.js';
import type { BoundFunction } from '../world/functions.js';
import type { ContextState } from './context-state.js';
import type { Waiting } from './wait.js';

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
  /** None before its promise is made: then the outcome is kept for that. */
  resolve: ((value: unknown) => void) | undefined;
  reject: ((error: unknown) => void) | undefined;
  outcome: { readonly error: unknown; readonly value: unknown } | undefined;
  readonly signal: AbortSignalLike | undefined;
  onAbort: (() => void) | undefined;
  readonly timeoutMs: number;
  /** When its wait in the queue is too long. */
  waitEndsAtMs: number;
  /** Set while somebody listens. */
  onSettled: ((error: unknown) => void) | undefined;
}

export interface CallJob extends JobBase, Waiting {
  readonly kind: 'call';
  readonly callee: BoundFunction;
  readonly context: ContextState | undefined;
  /** Its arguments, since when it waits and by when it must be over: only while it waits. */
  waiting: WaitingCall | undefined;
  queueMicros: number;
  /** Its numbers are the last that were counted. */
  hasReturned: boolean;
  /** What went wrong on our side of it, which the add-on cannot know. */
  hostError: HyperlightError | undefined;
  /** The host function whose promise it waits for. */
  waitsFor: string | undefined;
  /** What its arguments carry over. */
  transfer: Transfer | undefined;
}

/** A direct call whose arguments were encoded before it has a VM. */
export interface EncodedCall {
  readonly callee: BoundFunction;
  readonly request: Uint8Array;
  readonly transfer: Transfer | undefined;
}

export interface WaitingCall {
  readonly request: Uint8Array;
  readonly endsAtMs: number;
  readonly sinceMs: number;
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

// Each is written out: spreading a common part into a literal of so many fields takes V8 30 us.

export function newCall(
  callee: BoundFunction,
  { signal, timeoutMs }: CallOptions,
  defaultTimeoutMs: number,
  context: ContextState | undefined,
  transfer: Transfer | undefined,
): CallJob {
  return {
    kind: 'call',
    callee,
    context,
    number: 0,
    settled: false,
    resolve: undefined,
    reject: undefined,
    outcome: undefined,
    signal,
    onAbort: undefined,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    waitEndsAtMs: Number.POSITIVE_INFINITY,
    onSettled: undefined,
    waiting: undefined,
    queueMicros: 0,
    hasReturned: false,
    hostError: undefined,
    waitsFor: undefined,
    transfer,
    waitUs: 0,
    hostCallsInPlace: 0,
    waitEndsMs: 0,
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
    outcome: undefined,
    signal,
    onAbort: undefined,
    timeoutMs,
    waitEndsAtMs: Number.POSITIVE_INFINITY,
    onSettled: undefined,
  };
}

export function newCapture(timeoutMs: number, context: ContextState | undefined): CaptureJob {
  return { ...newStateJob('open', { timeoutMs }), kind: 'capture', context };
}

/** Calls `giveUp` if the job's signal is aborted before it is settled. */
export function listen(job: Job, giveUp: () => void): void {
  if (job.signal === undefined) return;
  job.onAbort = giveUp;
  job.signal.addEventListener('abort', giveUp);
}

/** The caller's promise. */
export function promiseOf(job: Job): Promise<unknown> {
  const { outcome } = job;
  if (outcome !== undefined) {
    return outcome.error === undefined ? Promise.resolve(outcome.value) : Promise.reject(outcome.error);
  }
  return new Promise((resolve, reject) => {
    job.resolve = resolve;
    job.reject = reject;
  });
}

/** The call that it was for is over; a direct one's state ends with it. */
export function endTransfer(transfer: Transfer, context: ContextState | undefined): void {
  transfer.over();
  if (context === undefined) void transfer.handles.end();
}

/** Gives the caller its answer, once, and takes off whatever would still hold on to the job. */
export function settle(job: Job, error: unknown, value?: unknown): void {
  if (job.settled) return;
  job.settled = true;
  if (job.onAbort !== undefined) job.signal?.removeEventListener('abort', job.onAbort);
  if (job.kind === 'call' && job.transfer !== undefined) {
    if (job.waiting !== undefined) job.transfer.undo();
    else endTransfer(job.transfer, job.context);
  }
  if (job.resolve === undefined) job.outcome = { error, value };
  else if (error === undefined) job.resolve(value);
  else job.reject?.(error);
  job.onSettled?.(error);
}
