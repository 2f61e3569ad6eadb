// Owns what is known of the one thing that a sandbox in this process is asked for at a time.

export interface Running {
  /** The caller's number; 0 is the creation. */
  readonly number: number;
  readonly kind: 'create' | 'call' | 'state' | 'capture' | 'rebase';
  readonly timeoutMs: number;
  readonly keepState: boolean;
  readonly startedMs: number;
  hostCalls: number;
  hostMs: number;
  hostStartedMs: number;
  timer: NodeJS.Timeout | undefined;
}

export function newRunning(
  number: number,
  kind: Running['kind'],
  timeoutMs: number,
  keepState: boolean,
): Running {
  return {
    number,
    kind,
    timeoutMs,
    keepState,
    startedMs: performance.now(),
    hostCalls: 0,
    hostMs: 0,
    hostStartedMs: 0,
    timer: undefined,
  };
}
