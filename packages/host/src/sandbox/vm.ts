// Owns the VM as the add-on shows it: its handle, the numbers of what it does, and the hold on the event loop.
import type { Binding, BindingEvent, BindingStats } from '../binding.js';

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
};

export interface VmCall {
  readonly number: number;
  readonly functionIndex: number;
  readonly request: Uint8Array;
  readonly keepState: boolean;
  readonly timeoutMs: number;
  readonly cpuTimeoutMs: number;
  readonly waitUs: number;
}

export class Vm {
  readonly #binding: Binding;
  #handle: number | undefined;
  #number = 0;
  #held = false;
  /** The add-on has forgotten the handle. */
  #gone = false;
  #finalStats = NO_STATS;

  constructor(binding: Binding) {
    this.#binding = binding;
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
    return this.#binding.call(
      this.#handle!,
      call.number,
      call.functionIndex,
      call.request,
      call.keepState,
      forBinding(call.timeoutMs),
      forBinding(call.cpuTimeoutMs),
      call.waitUs,
    );
  }

  changeState(kind: 'reset' | 'rebase', number: number): void {
    this.#binding[kind](this.#handle!, number);
  }

  interrupt(number: number): void {
    this.#binding.interrupt(this.#handle!, number);
  }

  reply(hostCall: number, ok: boolean, payload: Uint8Array): void {
    if (!this.#gone) this.#binding.reply(this.#handle!, hostCall, ok, payload);
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
const forBinding = (timeoutMs: number): number => (timeoutMs === Number.POSITIVE_INFINITY ? 0 : timeoutMs);
