// Owns the VM as the add-on shows it: its handle, the numbers of what it does, and the hold on the event loop.
import {
  type Binding,
  type BindingEvent,
  type BindingReturned,
  type BindingStats,
  CallStatus,
  Control,
} from '../binding.js';
import { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
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

export class Vm {
  readonly scratch: Scratch;
  /** Of what was begun last. */
  number = 0;
  readonly #binding: Binding;
  #handle: number | undefined;
  #held = false;
  /** The add-on has forgotten the handle. */
  #gone = false;
  #finalStats = NO_STATS;

  constructor(binding: Binding) {
    this.#binding = binding;
    this.scratch = scratchOf(binding);
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
    this.number = (this.number % NUMBER_MAX) + 1;
    return this.number;
  }

  /** Begins a call with what `writer` holds, and waits for it up to `waitUs`. */
  call(
    functionIndex: number,
    writer: Writer,
    keepState: boolean,
    timeoutMs: number,
    waitUs: number,
  ): CallStatus {
    writer.check();
    this.#describe(functionIndex, writer.at, keepState, timeoutMs, waitUs);
    return this.scratch.isAttached(writer)
      ? this.#binding.call(this.#handle!)
      : this.#binding.callWith(this.#handle!, writer.finish());
  }

  /** The same with a request that was encoded before. */
  callWith(
    functionIndex: number,
    request: Uint8Array,
    keepState: boolean,
    timeoutMs: number,
    waitUs: number,
  ): CallStatus {
    this.#describe(functionIndex, request.length, keepState, timeoutMs, waitUs);
    return this.#binding.callWith(this.#handle!, request);
  }

  #describe(
    functionIndex: number,
    bytes: number,
    keepState: boolean,
    timeoutMs: number,
    waitUs: number,
  ): void {
    const { control } = this.scratch;
    control[Control.CALL] = this.nextNumber();
    control[Control.FUNCTION_INDEX] = functionIndex;
    control[Control.REQUEST_BYTES] = bytes;
    control[Control.FLAGS] = keepState ? 1 : 0;
    control[Control.TIMEOUT_MS] = forBinding(timeoutMs);
    control[Control.WAIT_US] = waitUs;
  }

  /** Answers a host call with what `writer` holds, and waits for what comes next up to `waitUs`. */
  resume(hostCall: number, writer: Writer, waitUs: number): CallStatus {
    if (this.#gone) return CallStatus.STALE;
    writer.check();
    this.#describeAnswer(hostCall, true, writer.at, waitUs);
    return this.scratch.isAttached(writer)
      ? this.#binding.resume(this.#handle!)
      : this.#binding.resumeWith(this.#handle!, writer.finish());
  }

  /** Answers a host call with a failure, of which the guest learns `message`. */
  refuse(hostCall: number, message: Uint8Array): CallStatus {
    if (this.#gone) return CallStatus.STALE;
    this.#describeAnswer(hostCall, false, message.length, 0);
    return this.#binding.resumeWith(this.#handle!, message);
  }

  #describeAnswer(hostCall: number, isOk: boolean, bytes: number, waitUs: number): void {
    const { control } = this.scratch;
    control[Control.ANSWERED_HOST_CALL] = hostCall;
    control[Control.REQUEST_BYTES] = bytes;
    control[Control.OK] = isOk ? 1 : 0;
    control[Control.WAIT_US] = waitUs;
  }

  /** What came with that status: a reply, or a host call's arguments. It is good until the next call. */
  received(status: CallStatus): Reader {
    const isLarge = status === CallStatus.RETURNED_LARGE || status === CallStatus.HOST_CALL_LARGE;
    return isLarge
      ? new Reader(this.#binding.takeReply(this.#handle!), true)
      : this.scratch.reader(this.scratch.control[Control.REPLY_BYTES]!);
  }

  /** The same where it came as an event, whose numbers it lays into the control block. */
  receivedBy(event: BindingReturned): Reader {
    const { control } = this.scratch;
    control[Control.MICROS] = event.micros;
    control[Control.WAKE_MICROS] = event.wakeMicros;
    control[Control.HOST_MICROS] = event.hostMicros;
    control[Control.HOST_CALLS] = event.hostCalls;
    control[Control.EXITS] = event.exits;
    control[Control.PAGES] = event.pages;
    return new Reader(event.reply, true);
  }

  changeState(kind: 'reset' | 'rebase', number: number): void {
    this.#binding[kind](this.#handle!, number);
  }

  /** The guest has said what is no value of its type: nothing that it had is used again. */
  condemn(): void {
    if (!this.#gone) this.#binding.condemn(this.#handle!);
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

  /**
   * Until the VM is gone the event loop is held: whoever awaits that would otherwise see the process end. Answers
   * whether there is a VM, of which the event `closed` will tell.
   */
  close(): boolean {
    if (this.#handle === undefined || this.#gone) return false;
    this.hold(true);
    this.#binding.close(this.#handle!);
    return true;
  }

  /** The add-on said that it was the last event, and what the VM had counted. */
  isGone(stats: BindingStats): void {
    this.#gone = true;
    this.#finalStats = stats;
  }

  stats(): BindingStats {
    return this.#gone || this.#handle === undefined ? this.#finalStats : this.#binding.stats(this.#handle);
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
