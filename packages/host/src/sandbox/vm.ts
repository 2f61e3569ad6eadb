// Owns the VM as the add-on shows it: its handle, the numbers of what it does, and the hold on the event loop.
import { type Binding, type BindingEvent, type BindingStats, CallStatus, Control } from '../binding.js';
import { type Scratch, scratchOf } from './scratch.js';

/** Numbers go round at what the add-on takes. */
const NUMBER_MAX = 0xffff_ffff;

const NO_STATS: BindingStats = {
  calls: 0,
  exits: 0,
  resets: 0,
  pagesWritten: 0,
  pagesRestored: 0,
  replacements: 0,
  resetMicros: 0,
  lastResetMicros: 0,
};

export interface VmCall {
  readonly number: number;
  readonly functionIndex: number;
  readonly request: Uint8Array;
  readonly keepState: boolean;
  readonly timeoutMs: number;
  readonly waitUs: number;
}

export class Vm {
  readonly #binding: Binding;
  readonly #scratch: Scratch;
  #handle: number | undefined;
  #number = 0;
  #held = false;
  /** The add-on has forgotten the handle. */
  #gone = false;
  #finalStats = NO_STATS;

  constructor(binding: Binding) {
    this.#binding = binding;
    this.#scratch = scratchOf(binding);
  }

  /** `create` is the add-on's function with its options. */
  create(
    create: (onEvent: (event: BindingEvent) => void) => number,
    onEvent: (event: BindingEvent) => void,
  ): void {
    this.#handle = create(onEvent);
    this.hold(true);
  }

  nextNumber(): number {
    this.#number = (this.#number % NUMBER_MAX) + 1;
    return this.#number;
  }

  /** Answers what came back while it was waited for, if anything did. */
  call(call: VmCall): BindingEvent | null {
    const { control } = this.#scratch;
    control[Control.CALL] = call.number;
    control[Control.FUNCTION_INDEX] = call.functionIndex;
    control[Control.FLAGS] = call.keepState ? 1 : 0;
    control[Control.TIMEOUT_MS] = forBinding(call.timeoutMs);
    control[Control.WAIT_US] = call.waitUs;
    const status = this.#binding.callWith(this.#handle!, call.request);
    return status === CallStatus.PENDING ? null : this.#returned(call.number, status);
  }

  #returned(call: number, status: CallStatus): BindingEvent {
    const { control, reply } = this.#scratch;
    return {
      kind: 'returned',
      call,
      reply:
        status === CallStatus.RETURNED_LARGE
          ? this.#binding.takeReply(this.#handle!)
          : reply.subarray(0, control[Control.REPLY_BYTES]),
      micros: control[Control.MICROS]!,
      wakeMicros: control[Control.WAKE_MICROS]!,
      exits: control[Control.EXITS]!,
      pages: control[Control.PAGES]!,
      hostCalls: control[Control.HOST_CALLS]!,
      hostMicros: control[Control.HOST_MICROS]!,
    };
  }

  changeState(kind: 'reset' | 'rebase', number: number): void {
    this.#binding[kind](this.#handle!, number);
  }

  capture(number: number, source: 'base' | 'current'): void {
    this.#binding.capture(this.#handle!, number, source);
  }

  /** Nobody waits for it any more. */
  releaseSnapshot(snapshot: number): void {
    this.#binding.releaseSnapshot(snapshot);
  }

  interrupt(number: number): void {
    this.#binding.interrupt(this.#handle!, number);
  }

  reply(hostCall: number, ok: boolean, payload: Uint8Array): void {
    if (this.#gone) return;
    const { control } = this.#scratch;
    control[Control.ANSWERED_HOST_CALL] = hostCall;
    control[Control.OK] = ok ? 1 : 0;
    control[Control.WAIT_US] = 0;
    this.#binding.resumeWith(this.#handle!, payload);
  }

  /**
   * Until the VM is gone the event loop is held: whoever awaits that would otherwise see the process end. Answers
   * whether there is a VM, of which the event `closed` will tell.
   */
  close(): boolean {
    if (this.#handle === undefined || this.#gone) return false;
    this.#finalStats = this.#binding.stats(this.#handle!);
    this.hold(true);
    this.#binding.close(this.#handle!);
    return true;
  }

  /** The add-on said that it was the last event. */
  isGone(): void {
    this.#gone = true;
  }

  stats(): BindingStats {
    return this.#gone ? this.#finalStats : this.#binding.stats(this.#handle!);
  }

  /** Whether what is under way keeps the process alive. */
  hold(held: boolean): void {
    if (this.#held === held || this.#gone) return;
    this.#held = held;
    this.#binding.hold(this.#handle!, held);
  }
}

/** To the add-on, 0 is none. */
export const forBinding = (timeoutMs: number): number =>
  timeoutMs === Number.POSITIVE_INFINITY ? 0 : timeoutMs;
