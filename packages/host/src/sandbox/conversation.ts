// Owns what is said between a call and its VM: its start, the host calls meanwhile, and its result.
import { type BindingHostCall, type BindingReturned, CallStatus, Control } from '../binding.js';
import { Malformed, Oversized } from '../codec/mismatch.js';
import { Reader } from '../codec/reader.js';
import type { Writer } from '../codec/writer.js';
import { InternalError, WitError } from '../errors/classes.js';
import type { Handles } from '../resources/handles.js';
import type { BoundFunction } from '../world/functions.js';
import type { ContextState } from './context-state.js';
import { HostCalls } from './host-calls.js';
import type { HostFunction } from './imports.js';
import type { CallJob } from './job.js';
import type { Ledger } from './ledger.js';
import { type AllLimits, oversized, valueBytesMax } from './limits.js';
import type { Vm } from './vm.js';
import { Wait } from './wait.js';

/** What waited up to the end of its time is ended by the VM, at once. */
const TIMEOUT_MS_MIN = 0.001;
const MICROS_PER_MS = 1_000;

export interface ConversationParts {
  readonly vm: Vm;
  readonly ledger: Ledger;
  readonly imports: readonly HostFunction[];
  readonly limits: AllLimits;
  /** The call has returned; `error` is what is wrong with its result, or its err case. */
  readonly onReturned: (job: CallJob, error: unknown, value?: unknown) => void;
  /** What is in that context cannot be counted on any more. */
  readonly endContext: (context: ContextState, cause: unknown) => void;
}

export class Conversation {
  readonly hostCalls: HostCalls;
  readonly #vm: Vm;
  readonly #ledger: Ledger;
  readonly #wait = new Wait();
  readonly #onReturned: ConversationParts['onReturned'];
  readonly #endContext: ConversationParts['endContext'];
  readonly #replyBytesMax: number;
  readonly #valueBytesMax: number;
  /** How long the call that was begun last was waited for. */
  #waitUs = 0;

  constructor({ vm, ledger, imports, limits, onReturned, endContext }: ConversationParts) {
    this.#vm = vm;
    this.#ledger = ledger;
    this.#onReturned = onReturned;
    this.#endContext = endContext;
    this.#replyBytesMax = limits.maxReplyBytes;
    this.#valueBytesMax = valueBytesMax(limits.maxReplyBytes);
    this.hostCalls = new HostCalls({
      vm,
      functions: imports,
      limits,
      wait: this.#wait,
      onSettled: (job, answer) => this.#goOn(job, answer),
    });
  }

  /** Begins a call that has not waited. If it has RETURNED, `result` follows, otherwise `follow`. */
  begin(callee: BoundFunction, writer: Writer, keepState: boolean, timeoutMs: number): CallStatus {
    this.#waitUs = this.#wait.budgetUs();
    return this.#vm.call(callee.index, writer, keepState, timeoutMs, this.#waitUs);
  }

  /** Throws a WitError, or what is wrong with the bytes. */
  result(callee: BoundFunction, context: ContextState | undefined, handles: Handles | undefined): unknown {
    const { control } = this.#vm.scratch;
    this.#wait.answered(control[Control.MICROS]!, 0);
    this.#ledger.count(control, 0, context);
    const reply = this.#vm.received(CallStatus.RETURNED);
    reply.handles = handles;
    return this.#decode(callee, context, reply);
  }

  follow(job: CallJob, status: CallStatus): void {
    job.number = this.#vm.number;
    job.waitUs = this.#waitUs;
    this.#serve(job, status);
  }

  /** Begins a call that has waited for its turn. */
  beginWaiting(job: CallJob): void {
    const { request, endsAtMs, sinceMs } = job.waiting!;
    const now = performance.now();
    job.waiting = undefined;
    job.queueMicros = (now - sinceMs) * MICROS_PER_MS;
    this.#waitUs = this.#wait.budgetUs();
    const timeoutMs = Math.max(endsAtMs - now, TIMEOUT_MS_MIN);
    const keepsState = job.context !== undefined;
    const status = this.#vm.callWith(job.callee.index, request, keepsState, timeoutMs, this.#waitUs);
    this.follow(job, status);
  }

  /** A host call that came by event; `job` is the call under way, if it is the one that asks. */
  hostCall(event: BindingHostCall, job: CallJob | undefined): void {
    if (job !== undefined) this.#wait.begin(job);
    const args = new Reader(event.arguments, true);
    const status = this.hostCalls.serve(event.hostCall, event.import, args, job);
    if (job !== undefined) this.#serve(job, status);
  }

  /** The answer came by event. */
  returned(event: BindingReturned, job: CallJob): void {
    this.#wait.learn(event.micros - event.hostMicros, event.hostCalls);
    this.#over(job, this.#vm.receivedBy(event));
  }

  /** What a call has come to, until there is nothing more to do for it now. */
  #serve(job: CallJob, first: CallStatus): void {
    const { control } = this.#vm.scratch;
    let status = first;
    while (status === CallStatus.HOST_CALL || status === CallStatus.HOST_CALL_LARGE) {
      const hostCall = control[Control.HOST_CALL]!;
      const index = control[Control.IMPORT]!;
      status = this.hostCalls.serve(hostCall, index, this.#vm.received(status), job);
    }
    if (status === CallStatus.RETURNED || status === CallStatus.RETURNED_LARGE) {
      const guestMicros = control[Control.MICROS]! - control[Control.HOST_MICROS]!;
      this.#wait.answered(guestMicros, control[Control.HOST_CALLS]!);
      this.#over(job, this.#vm.received(status));
    } else if (job.waitsFor === undefined) {
      this.#wait.spend(job.waitUs);
    }
  }

  /** A host function's promise has settled: the guest gets its answer, and the call may come back at once. */
  #goOn(job: CallJob, answer: () => CallStatus): void {
    if (job.settled) {
      // Nobody hears it, but it may have brought something that has to end.
      answer();
      return;
    }
    const startedMs = performance.now();
    job.waitsFor = undefined;
    this.#wait.begin(job);
    this.#serve(job, answer());
    this.#wait.spend((performance.now() - startedMs) * MICROS_PER_MS);
  }

  #over(job: CallJob, reply: Reader): void {
    job.hasReturned = true;
    this.#ledger.count(this.#vm.scratch.control, job.queueMicros, job.context);
    // The runtime ends a call whose host function failed; a guest that returns all the same is not believed.
    if (job.hostError !== undefined) {
      if (job.context !== undefined) this.#endContext(job.context, job.hostError);
      return this.#onReturned(job, job.hostError);
    }
    let value: unknown;
    try {
      reply.handles = job.transfer?.handles;
      value = this.#decode(job.callee, job.context, reply);
    } catch (error) {
      this.#onReturned(job, error);
      return;
    }
    this.#onReturned(job, undefined, value);
  }

  #decode(callee: BoundFunction, context: ContextState | undefined, reply: Reader): unknown {
    reply.room = this.#valueBytesMax;
    try {
      return callee.codec.decodeResult(reply);
    } catch (error) {
      if (error instanceof WitError) throw error;
      const failure = this.#failureOf(callee, error);
      if (context !== undefined) this.#endContext(context, failure);
      throw failure;
    }
  }

  /** Its result cannot be used; of what is in its context, nobody knows any more. */
  #failureOf(callee: BoundFunction, error: unknown): unknown {
    if (error instanceof Oversized) return oversized(`the result of ${callee.name}`, this.#replyBytesMax);
    if (!(error instanceof Malformed)) return error;
    this.#vm.condemn();
    const message = `the result of ${callee.name} is no value of its type: ${error.message}`;
    return new InternalError('ERR_HL_PROTOCOL', message);
  }
}
