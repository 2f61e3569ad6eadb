// Owns one sandbox's order of work: what runs, what waits, and what each event of the VM means for it.
import {
  type Binding,
  type BindingError,
  type BindingEvent,
  type BindingStats,
  CallStatus,
} from '../binding.js';
import { Mismatch } from '../codec/mismatch.js';
import type { Writer } from '../codec/writer.js';
import { AbortError, ClosedError, HostFunctionError } from '../errors/classes.js';
import { liftError } from '../errors/lift.js';
import { type Transfer, Transfers } from '../resources/handles.js';
import type { BoundFunction } from '../world/functions.js';
import { isAnyoneListening } from './channels.js';
import type { ContextState } from './context-state.js';
import { Conversation } from './conversation.js';
import type { EngineParts, Holdings } from './engine-parts.js';
import type { HostCalls } from './host-calls.js';
import {
  type CallJob,
  type CallOptions,
  type EncodedCall,
  endTransfer,
  type Job,
  listen,
  newCall,
  newCapture,
  newStateJob,
  promiseOf,
  type StateJob,
  settle,
} from './job.js';
import { Ledger } from './ledger.js';
import type { AllLimits } from './limits.js';
import type { Output } from './output.js';
import { JobQueue } from './queue.js';
import { reentrancyHint, refusalOf } from './refusal.js';
import { resourcesError } from './snapshot.js';
import { Start } from './start.js';
import type { SandboxStats } from './stats.js';
import { Vm } from './vm.js';

export class Engine {
  readonly binding: Binding;
  readonly limits: AllLimits;
  readonly hostCalls: HostCalls;
  readonly transfers: Transfers;
  readonly granted: readonly string[];
  /** The context that is open; direct calls are refused meanwhile. */
  context: ContextState | undefined;
  /** Set as soon as close() is called, or the VM is gone. */
  closed: Promise<void> | undefined;
  /** For a pool, whose VM it is: called when what was pending is over, also because the VM is gone. */
  onIdle: (() => void) | undefined;
  readonly #vm: Vm;
  readonly #output: Output;
  readonly #holdings: Holdings | undefined;
  readonly #queue: JobQueue;
  readonly #ledger: Ledger;
  readonly #conversation: Conversation;
  readonly #start = new Start();
  #active: Job | undefined;
  #pumping = false;
  #isForgotten = false;
  #onGone: (() => void) | undefined;

  constructor({ binding, imports, hasResources, limits, output, component, holdings, granted }: EngineParts) {
    this.binding = binding;
    this.transfers = new Transfers(hasResources, limits.maxResources);
    this.limits = limits;
    this.#vm = new Vm(binding);
    this.#output = output;
    this.#holdings = holdings;
    this.granted = granted;
    this.#queue = new JobQueue(limits.maxQueue);
    this.#ledger = new Ledger(component, () => this.#vm.stats());
    this.#conversation = new Conversation({
      vm: this.#vm,
      ledger: this.#ledger,
      imports,
      limits,
      onReturned: (job, error, value) => this.#finish(job, error, value),
      endContext: (context, cause) => this.#endContext(context, cause),
    });
    this.hostCalls = this.#conversation.hostCalls;
  }

  /** Makes the VM; `create` is the add-on's function with its options. */
  start(create: (onEvent: (event: BindingEvent) => void) => number): Promise<void> {
    return this.#start.begin(() => this.#vm.create(create, (event) => this.#onEvent(event)));
  }

  /**
   * Through `context`, or directly: then the VM is put back into its base state afterwards. The VM is free mostly,
   * and often answers before this returns: on that way nothing is made but the caller's promise.
   */
  call(
    callee: BoundFunction,
    args: unknown[],
    options: CallOptions,
    context?: ContextState,
  ): Promise<unknown> {
    const calledMs = isAnyoneListening() ? this.#ledger.called() : 0;
    const timeoutMs = options.timeoutMs ?? this.limits.timeoutMs;
    const { scratch } = this.#vm;
    const writer = scratch.takeWriter(this.limits.maxRequestBytes, 'maxRequestBytes');
    const transfer = this.transfers.begin(context);
    writer.transfer = transfer;
    let status: CallStatus;
    try {
      callee.codec.encodeParams(writer, args);
      // Only now: encoding may have run user code, a getter, that changed what is decided here.
      const refusal = this.#refusal(callee, options, context);
      if (refusal !== undefined) throw refusal;
      if (this.#active !== undefined || this.#pumping) {
        return this.#callLater(newCall(callee, options, timeoutMs, context, transfer), writer, calledMs);
      }
      status = this.#conversation.begin(callee, writer, context !== undefined, timeoutMs);
    } catch (error) {
      transfer?.undo();
      return Promise.reject(error instanceof Mismatch ? error.toUserError('args') : error);
    } finally {
      scratch.giveBack(writer);
    }
    if (status === CallStatus.RETURNED && calledMs === 0) return this.#answer(callee, context, transfer);
    const job = newCall(callee, options, timeoutMs, context, transfer);
    if (calledMs !== 0) this.#ledger.watch(job, calledMs);
    return this.#follow(job, status);
  }

  /** Whether it would begin a direct call at once. */
  get isIdle(): boolean {
    if (this.#active !== undefined || this.#pumping) return false;
    return this.context === undefined && this.closed === undefined;
  }

  /** What the last call that returned took in the VM. */
  get lastMicros(): number {
    return this.#ledger.lastMicros;
  }

  /** The host function whose promise the call under way waits for. */
  get waitsFor(): string | undefined {
    return this.#active?.kind === 'call' ? this.#active.waitsFor : undefined;
  }

  /** A direct call that has waited elsewhere, and has to be over by `endsAtMs`. */
  callLater(call: EncodedCall, options: CallOptions, endsAtMs: number): Promise<unknown> {
    const { callee, request, transfer } = call;
    const refusal = refusalOf(this, callee.name, options.signal, undefined);
    if (refusal !== undefined) return Promise.reject(refusal);
    const job = newCall(callee, options, this.limits.timeoutMs, undefined, transfer);
    const sinceMs = endsAtMs === Number.POSITIVE_INFINITY ? performance.now() : endsAtMs - job.timeoutMs;
    if (isAnyoneListening()) {
      this.#ledger.called();
      this.#ledger.watch(job, sinceMs);
    }
    job.waiting = { request, endsAtMs, sinceMs };
    return this.#enqueue(job);
  }

  /** Waits its turn. `reset` and `rebase` then change the VM's state; `open` changes nothing. */
  async changeState(kind: StateJob['kind'], options: CallOptions = {}): Promise<void> {
    if (this.closed !== undefined) throw new ClosedError('the sandbox is closed');
    await this.#enqueue(newStateJob(kind, options));
  }

  /** Waits its turn, then takes a snapshot: of that context's state, or of the base state. Answers the add-on's number. */
  async capture(context?: ContextState): Promise<number> {
    return (await this.#enqueue(newCapture(this.limits.timeoutMs, context))) as number;
  }

  /** Interrupts what runs, rejects what waits; resolves when the VM and its thread are gone. */
  close(): Promise<void> {
    if (this.closed !== undefined) return this.closed;
    this.closed = new Promise((resolve) => {
      this.#onGone = resolve;
    });
    this.#ledger.lookNow();
    this.#rejectAll(new ClosedError('the sandbox was closed'));
    this.#holdings?.close();
    if (!this.#vm.close()) this.#onGone?.();
    return this.closed;
  }

  /** Nobody can call it any more; what is under way still has somebody who waits. */
  closeWhenIdle(): void {
    this.#isForgotten = true;
    if (this.#active === undefined) void this.close();
  }

  stats(): SandboxStats {
    return this.#ledger.stats();
  }

  /** Asked for each call, so what is most common comes first. */
  #refusal(callee: BoundFunction, { signal }: CallOptions, context: ContextState | undefined) {
    const isPlain = this.context === context && this.closed === undefined && this.hostCalls.running === 0;
    return isPlain && signal === undefined ? undefined : refusalOf(this, callee.name, signal, context);
  }

  /** The call was answered while it was waited for, and nothing else has happened. */
  #answer(callee: BoundFunction, context?: ContextState, transfer?: Transfer): Promise<unknown> {
    try {
      return Promise.resolve(this.#conversation.result(callee, context, transfer?.handles));
    } catch (error) {
      // Its context may have ended, and has to be put back.
      this.#pump();
      return Promise.reject(error);
    } finally {
      if (transfer !== undefined) endTransfer(transfer, context);
    }
  }

  /** A call that was begun at once, and may be over by now. */
  #follow(job: CallJob, status: CallStatus): Promise<unknown> {
    this.#active = job;
    this.#listen(job);
    this.#conversation.follow(job, status);
    if (!job.settled) this.#vm.hold(true);
    return promiseOf(job);
  }

  #callLater(job: CallJob, writer: Writer, calledMs: number): Promise<unknown> {
    const now = performance.now();
    if (calledMs !== 0) this.#ledger.watch(job, calledMs);
    const request = new Uint8Array(writer.finish());
    job.waiting = { request, endsAtMs: now + job.timeoutMs, sinceMs: now };
    return this.#enqueue(job);
  }

  #enqueue(job: Job): Promise<unknown> {
    const full = this.#queue.push(job, () => reentrancyHint(this.waitsFor));
    if (full !== undefined) settle(job, full);
    if (job.settled) return promiseOf(job);
    const answer = promiseOf(job);
    this.#listen(job);
    this.#vm.hold(true);
    this.#pump();
    return answer;
  }

  #listen(job: Job): void {
    listen(job, () => this.#giveUp(job, new AbortError(job.signal?.reason)));
  }

  /** Answers the caller now, and ends the job wherever it is. */
  #giveUp(job: Job, error: AbortError | HostFunctionError): void {
    settle(job, error);
    if (this.#queue.remove(job) || this.#active !== job || job.kind !== 'call') return;
    this.#vm.interrupt(job.number);
    if (job.context !== undefined) this.#endContext(job.context, error);
  }

  /** Starts what is next, if nothing is under way. A loop: answers may come at once. */
  #pump(): void {
    if (this.#pumping || this.#start.isPending || this.closed !== undefined) return;
    this.#pumping = true;
    while (this.#active === undefined) {
      const job = this.#queue.shift();
      if (job === undefined) break;
      this.#begin(job);
    }
    this.#pumping = false;
    if (this.#active !== undefined) return;
    this.#vm.hold(false);
    if (this.#isForgotten) void this.close();
    this.onIdle?.();
  }

  #begin(job: Job): void {
    if (job.kind === 'open') return settle(job, undefined);
    const held = job.kind === 'capture' ? resourcesError(job.context, 'snapshot()') : undefined;
    if (held !== undefined) return settle(job, held);
    this.#active = job;
    if (job.kind === 'call') return this.#conversation.beginWaiting(job);
    if (job.kind === 'reset') this.#holdings?.stateEnded();
    job.number = this.#vm.nextNumber();
    if (job.kind !== 'capture') this.#vm.changeState(job.kind, job.number);
    else this.#vm.capture(job.number, job.context === undefined ? 'base' : 'current');
  }

  // Called by the add-on: nothing may be thrown from here.
  #onEvent(event: BindingEvent): void {
    switch (event.kind) {
      case 'ready':
        this.#hasStarted(undefined);
        break;
      case 'closed':
        this.#gone(event.stats);
        break;
      case 'output':
        this.#write(event.stream, event.bytes);
        break;
      case 'hostCall':
        this.#conversation.hostCall(event, this.#activeCall(event.call));
        break;
      case 'done':
        if (this.#active?.number === event.request) this.#finish(this.#active, undefined);
        break;
      case 'captured':
        if (this.#active?.number === event.request) this.#finish(this.#active, undefined, event.snapshot);
        else this.#vm.releaseSnapshot(event.snapshot);
        break;
      case 'returned': {
        const job = this.#activeCall(event.call);
        if (job !== undefined) this.#conversation.returned(event, job);
        break;
      }
      case 'failed':
        if (event.call === 0) this.#hasStarted(event.error);
        else if (this.#active?.number === event.call) this.#failed(this.#active, event.error);
        break;
      default:
        event satisfies never;
    }
  }

  #hasStarted(error: BindingError | undefined): void {
    const failure = error && this.#lift(error, 'create', this.limits.timeoutMs);
    if (this.#start.over(failure) && failure === undefined) this.#ledger.tell('created');
    this.#pump();
  }

  /** The call under way, if it has that number. */
  #activeCall(number: number): CallJob | undefined {
    return this.#active?.kind === 'call' && this.#active.number === number ? this.#active : undefined;
  }

  #failed(job: Job, error: BindingError): void {
    const isCall = job.kind === 'call';
    const what = isCall ? job.callee.name : job.kind;
    const waitsFor = isCall ? job.waitsFor : undefined;
    const failure = (isCall ? job.hostError : undefined) ?? this.#lift(error, what, job.timeoutMs, waitsFor);
    // Before the next job begins: it may be a call that counts on the context's state.
    if (isCall && job.context !== undefined) this.#endContext(job.context, failure);
    this.#finish(job, failure);
  }

  #lift(error: BindingError, what: string, timeoutMs: number, waitsFor?: string): Error {
    const { limits } = this;
    const stderr = this.#output.stderrTail();
    return liftError(error, { what, waitsFor, stderr, timeoutMs, cpuTimeoutMs: limits.cpuTimeoutMs, limits });
  }

  /** Its state is gone: a call in it failed, or was given up while it ran. */
  #endContext(context: ContextState, cause: unknown): void {
    if (context.endedBy !== undefined) return;
    context.endedBy = { cause };
    if (this.context === context) this.context = undefined;
    for (const job of this.#queue.removeOf(context)) {
      settle(job, new ClosedError('the context ended when an earlier call in it failed', { cause }));
    }
    void context.handles?.end();
    // A call that returned after it was given up has left its state behind.
    this.#queue.unshift(newStateJob('reset', {}));
  }

  #write(stream: 1 | 2, bytes: Uint8Array): void {
    const failure = this.#output.write(stream, bytes);
    const job = this.#active;
    if (failure === undefined || job?.kind !== 'call') return;
    this.#giveUp(job, new HostFunctionError(failure.stream, failure.thrown));
  }

  #finish(job: Job, error: unknown, value?: unknown): void {
    settle(job, error, value);
    if (this.#active !== job) return;
    this.#active = undefined;
    if (job.kind === 'call') this.#output.callIsOver();
    if (job.kind === 'call' && job.context === undefined) this.#holdings?.stateEnded();
    this.#pump();
  }

  /** The VM's thread has ended: because it was told to, or because it failed. */
  #gone(stats: BindingStats): void {
    this.#vm.isGone(stats);
    this.closed ??= Promise.resolve();
    this.#hasStarted({ code: 'closed', message: 'the VM ended while it was starting' });
    this.#rejectAll(new ClosedError('the VM is gone'));
    this.#holdings?.close();
    this.#onGone?.();
    this.onIdle?.();
    this.#ledger.tell('closed');
  }

  #rejectAll(error: ClosedError): void {
    const active = this.#active === undefined ? [] : [this.#active];
    const { context } = this;
    this.#active = undefined;
    this.context = undefined;
    for (const job of [...active, ...this.#queue.removeAll()]) settle(job, error);
    void context?.handles?.end();
  }
}
