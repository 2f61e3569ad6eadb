// Owns the channels of node:diagnostics_channel: their names, and what each message on them says.
//
// A message is made only while somebody listens. All times are in microseconds.
import diagnostics from 'node:diagnostics_channel';

/** On `hl:sandbox`: what became of a sandbox. */
export interface SandboxMessage {
  /** Its number in this thread; other messages name it by that. */
  readonly sandbox: number;
  /** The component's hash. */
  readonly component: string;
  /** `replaced`: its VM had grown or died, and a new one has taken its place. */
  readonly kind: 'created' | 'replaced' | 'closed';
}

/** Where the time of one call went. */
export interface CallTimes {
  /** In the VM, from the start of the call to its answer. */
  readonly micros: number;
  /** Before that, waiting for its turn. */
  readonly queueMicros: number;
  /** Of `micros`: until the VM was awake, and the state of the call before was put back. */
  readonly wakeMicros: number;
  /** Of `micros`: the guest itself. */
  readonly guestMicros: number;
  /** Of `micros`: host functions, and the way to them and back. */
  readonly hostMicros: number;
  readonly hostCalls: number;
  /** How often the VM was left. */
  readonly exits: number;
  /** Pages that were written, and that a reset puts back. */
  readonly pages: number;
}

/** On `hl:call`: a call is over. Of one that failed only `queueMicros` and `totalMicros` are known; the rest is 0. */
export interface CallMessage extends CallTimes {
  readonly sandbox: number;
  /** The function, such as `acme:shop/stock@1.0.0#count`. */
  readonly name: string;
  /** In a context, whose state it may have changed. */
  readonly inContext: boolean;
  /** What it rejected with, if it did; the err case of a WIT result is a `WitError`. */
  readonly error: unknown;
  /** From the call to the answer, as the caller saw it. */
  readonly totalMicros: number;
}

/** On `hl:reset`: resets since the last such message. They follow calls, so they are told a few milliseconds later. */
export interface ResetMessage {
  readonly sandbox: number;
  readonly resets: number;
  readonly micros: number;
  /** Pages that were put back. */
  readonly pages: number;
}

/** On `hl:pool`: what became of a pool, or of who asked it for a sandbox. */
export interface PoolMessage {
  /** Its number in this thread. */
  readonly pool: number;
  /**
   * `lent`: somebody got a sandbox. `refused`: the queue was full, or the wait too long. `lost`: a sandbox ended by
   * itself; then follows `replaced`. `failed`: one could not be made; it is tried again.
   */
  readonly kind:
    | 'created'
    | 'grown'
    | 'shrunk'
    | 'lost'
    | 'failed'
    | 'replaced'
    | 'lent'
    | 'refused'
    | 'closed';
  /** How long who got a sandbox, or was refused, had waited. */
  readonly queueMicros: number;
  /** Of `failed` and `refused`: why. */
  readonly error: unknown;
  /** Sandboxes there are, those that nobody has, and requests that wait for one. */
  readonly size: number;
  readonly idle: number;
  readonly waiting: number;
}

export const sandboxChannel = diagnostics.channel('hl:sandbox');
export const callChannel = diagnostics.channel('hl:call');
export const resetChannel = diagnostics.channel('hl:reset');
export const poolChannel = diagnostics.channel('hl:pool');

/** Asked at the start of each call; what it costs then is not worth measuring. */
export const isAnyoneListening = (): boolean =>
  callChannel.hasSubscribers || resetChannel.hasSubscribers || sandboxChannel.hasSubscribers;
