// Owns one sandbox's order of work: what runs, what waits, and what each event of the VM means for it.
import type { Binding, BindingError, BindingEvent, BindingReturned } from '../binding.js';
import { Malformed, Mismatch } from '../codec/mismatch.js';
import { giveBack, takeWriter } from '../codec/writer.js';
import { AbortError, ClosedError, HostFunctionError, InternalError } from '../errors/classes.js';
import { liftError } from '../errors/lift.js';
import type { BoundFunction } from '../world/functions.js';
import type { ContextState } from './context-state.js';
import { HostCalls } from './host-calls.js';
import type { HostFunction } from './imports.js';
import {
  type CallJob,
  type CallOptions,
  type Job,
  newCall,
  newCapture,
  newStateJob,
  type StateJob,
  settle,
} from './job.js';
import type { AllLimits } from './limits.js';
import type { Output } from './output.js';
import { JobQueue } from './queue.js';
import { refusalOf } from './refusal.js';
import { type SandboxStats, sandboxStats, Totals } from './stats.js';
import { Vm } from './vm.js';
import { Wait } from './wait.js';

export interface EngineParts {
  readonly binding: Binding;
  readonly imports: readonly HostFunction[];
  readonly limits: AllLimits;
  readonly output: Output;
}

/** What waited up to the end of its time is ended by the VM, at once. */
const TIMEOUT_MS_MIN = 0.001;

export class Engine {
  readonly binding: Binding;
  readonly limits: AllLimits;
  readonly hostCalls: HostCalls;
  /** The context that is open; direct calls are refused meanwhile. */
  context: ContextState | undefined;
  /** Set as soon as close() is called, or the VM is gone. */
  closed: Promise<void> | undefined;
  /** For a pool, whose VM it is: called when nothing is under way any more, also because the VM is gone. */
  onIdle: (() => void) | undefined;
  readonly #vm: Vm;
  readonly #output: Output;
  readonly #queue: JobQueue;
  readonly #wait = new Wait();
  readonly #totals = new Totals();
  readonly #lastCall = new Totals();
  #active: Job | undefined;
  #pumping = false;
  #isForgotten = false;
  #onStart: ((error: BindingError | undefined) => void) | undefined;
  #onGone: (() => void) | undefined;

  constructor({ binding, imports, limits, output }: EngineParts) {
    this.binding = binding;
    this.limits = limits;
    this.#vm = new Vm(binding);
    this.#output = output;
    this.#queue = new JobQueue(limits.maxQueue);
    this.hostCalls = new HostCalls(this.#vm, imports, limits.maxRequestBytes);
  }

  /** Makes the VM; `create` is the add-on's function with its options. */
  start(create: (onEvent: (event: BindingEvent) => void) => number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onStart = (error) => {
        this.#onStart = undefined;
        if (error === undefined) resolve();
        else reject(this.#lift(error, 'create', this.limits.timeoutMs));
        this.#pump();
      };
      try {
        this.#vm.create(create, (event) => this.#onEvent(event));
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        reject(new InternalError('ERR_HL_INTERNAL', `create: ${why}`, { cause }));
      }
    });
  }

  /** Through `context`, or directly: then the VM is put back into its base state afterwards. */
  call(
    callee: BoundFunction,
    args: unknown[],
    options: CallOptions,
    context?: ContextState,
  ): Promise<unknown> {
    const writer = takeWriter(this.limits.maxRequestBytes, 'maxRequestBytes');
    try {
      callee.codec.encodeParams(writer, args);
      const request = writer.finish();
      // Only now: encoding may have run user code, a getter, that changed what is decided here.
      const refusal = refusalOf(this, callee.name, options.signal, context);
      if (refusal !== undefined) return Promise.reject(refusal);
      const job = newCall(callee, options, this.limits.timeoutMs, context);
      if (this.#active === undefined && !this.#pumping) return this.#callNow(job, request);
      job.waiting = { request: new Uint8Array(request), endsAtMs: performance.now() + job.timeoutMs };
      return this.#enqueue(job);
    } catch (error) {
      return Promise.reject(error instanceof Mismatch ? error.toUserError('args') : error);
    } finally {
      giveBack(writer);
    }
  }

  /** Whether it would begin a direct call at once. */
  get isIdle(): boolean {
    if (this.#active !== undefined || this.#pumping) return false;
    return this.context === undefined && this.closed === undefined;
  }

  /** The host function whose promise the call under way waits for. */
  get waitsFor(): string | undefined {
    return this.#active?.kind === 'call' ? this.#active.waitsFor : undefined;
  }

  /** A direct call that has waited elsewhere, and has to be over by `endsAtMs`. */
  callLater(callee: BoundFunction, request: Uint8Array, options: CallOptions, endsAtMs: number) {
    const refusal = refusalOf(this, callee.name, options.signal, undefined);
    if (refusal !== undefined) return Promise.reject(refusal);
    const job = newCall(callee, options, this.limits.timeoutMs, undefined);
    job.waiting = { request, endsAtMs };
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
    this.closed ??= new Promise((resolve) => {
      this.#onGone = resolve;
      this.#rejectAll(new ClosedError('the sandbox was closed'));
      if (!this.#vm.close()) resolve();
    });
    return this.closed;
  }

  /** Nobody can call it any more; what is under way still has somebody who waits. */
  closeWhenIdle(): void {
    this.#isForgotten = true;
    if (this.#active === undefined) void this.close();
  }

  stats(): SandboxStats {
    return sandboxStats(this.#totals, this.#vm.stats(), this.#lastCall);
  }

  /** The common way: the VM is free, and often answers before this returns. */
  #callNow(job: CallJob, request: Uint8Array): Promise<unknown> {
    const event = this.#run(job, request, job.timeoutMs);
    if (event?.kind === 'returned') {
      try {
        return Promise.resolve(this.#valueOf(job, event));
      } catch (error) {
        return Promise.reject(error);
      } finally {
        this.#next(job);
      }
    }
    const answer = this.#watch(job);
    if (event === null) this.#vm.hold(true);
    else this.#onEvent(event);
    return answer;
  }

  #run(job: CallJob, request: Uint8Array, timeoutMs: number): BindingEvent | null {
    this.#active = job;
    job.number = this.#vm.nextNumber();
    const waitUs = this.#wait.budgetUs();
    const event = this.#vm.call({
      number: job.number,
      functionIndex: job.callee.index,
      request,
      keepState: job.context !== undefined,
      timeoutMs,
      waitUs,
    });
    if (event === null) this.#wait.inVain(waitUs);
    else if (event.kind === 'returned') this.#wait.answered(event.micros);
    return event;
  }

  #enqueue(job: Job): Promise<unknown> {
    const full = this.#queue.push(job, () => this.#reentrancyHint());
    if (full !== undefined) return Promise.reject(full);
    const answer = this.#watch(job);
    this.#vm.hold(true);
    this.#pump();
    return answer;
  }

  /** Whether a call comes from a pending host function cannot be told, so it is said where it may matter. */
  #reentrancyHint(): string {
    const name = this.waitsFor;
    return name === undefined
      ? ''
      : `; if ${name} made this call, it waited for itself: it has not answered yet`;
  }

  /** The caller's promise; from now on its signal is listened to. */
  #watch(job: Job): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
      job.resolve = resolve;
      job.reject = reject;
    });
    const { signal } = job;
    if (signal !== undefined) {
      job.onAbort = () => this.#giveUp(job, new AbortError(signal.reason));
      signal.addEventListener('abort', job.onAbort);
    }
    return answer;
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
    if (this.#pumping || this.#onStart !== undefined || this.closed !== undefined) return;
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
    switch (job.kind) {
      case 'open':
        settle(job, undefined);
        break;
      case 'reset':
      case 'rebase':
        this.#active = job;
        job.number = this.#vm.nextNumber();
        this.#vm.changeState(job.kind, job.number);
        break;
      case 'capture':
        this.#active = job;
        job.number = this.#vm.nextNumber();
        this.#vm.capture(job.number, job.context === undefined ? 'base' : 'current');
        break;
      case 'call': {
        const { request, endsAtMs } = job.waiting!;
        job.waiting = undefined;
        const event = this.#run(job, request, Math.max(endsAtMs - performance.now(), TIMEOUT_MS_MIN));
        if (event !== null) this.#onEvent(event);
        break;
      }
      default:
        job satisfies never;
    }
  }

  // Called by the add-on: nothing may be thrown from here.
  #onEvent(event: BindingEvent): void {
    switch (event.kind) {
      case 'ready':
        this.#onStart?.(undefined);
        break;
      case 'closed':
        this.#gone();
        break;
      case 'output':
        this.#write(event.stream, event.bytes);
        break;
      case 'hostCall':
        this.hostCalls.serve(event, this.#activeCall(event.call));
        break;
      case 'done':
        if (this.#active?.number === event.request) this.#finish(this.#active, undefined);
        break;
      case 'captured':
        if (this.#active?.number === event.request) this.#finish(this.#active, undefined, event.snapshot);
        else this.#vm.releaseSnapshot(event.snapshot);
        break;
      case 'returned':
        this.#returned(event);
        break;
      case 'failed':
        if (event.call === 0) this.#onStart?.(event.error);
        else if (this.#active?.number === event.call) this.#failed(this.#active, event.error);
        break;
      default:
        event satisfies never;
    }
  }

  /** The call under way, if it has that number. */
  #activeCall(number: number): CallJob | undefined {
    return this.#active?.kind === 'call' && this.#active.number === number ? this.#active : undefined;
  }

  #returned(event: BindingReturned): void {
    const job = this.#activeCall(event.call);
    if (job === undefined) return;
    this.#wait.learn(event.micros);
    try {
      this.#finish(job, undefined, this.#valueOf(job, event));
    } catch (error) {
      this.#finish(job, error);
    }
  }

  /** Throws a WitError, or what is wrong with the bytes. */
  #valueOf(job: CallJob, event: BindingReturned): unknown {
    this.#totals.add(event);
    this.#lastCall.clear();
    this.#lastCall.add(event);
    job.context?.totals.add(event);
    try {
      return job.callee.codec.decodeResult(event.reply);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      const message = `the result of ${job.callee.name} is no value of its type: ${error.message}`;
      const failure = new InternalError('ERR_HL_PROTOCOL', message);
      if (job.context !== undefined) this.#endContext(job.context, failure);
      throw failure;
    }
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
    return liftError(error, { what, waitsFor, timeoutMs, cpuTimeoutMs: limits.cpuTimeoutMs, limits });
  }

  /** Its state is gone: a call in it failed, or was given up while it ran. */
  #endContext(context: ContextState, cause: unknown): void {
    if (context.endedBy !== undefined) return;
    context.endedBy = { cause };
    if (this.context === context) this.context = undefined;
    for (const job of this.#queue.removeOf(context)) {
      settle(job, new ClosedError('the context ended when an earlier call in it failed', { cause }));
    }
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
    this.#next(job);
  }

  #next(job: Job): void {
    if (this.#active !== job) return;
    this.#active = undefined;
    if (job.kind === 'call') this.#output.callIsOver();
    this.#pump();
  }

  /** The VM's thread has ended: because it was told to, or because it failed. */
  #gone(): void {
    this.#vm.isGone();
    this.closed ??= Promise.resolve();
    this.#onStart?.({ code: 'closed', message: 'the VM ended while it was starting' });
    this.#rejectAll(new ClosedError('the VM is gone'));
    this.#onGone?.();
    this.onIdle?.();
  }

  #rejectAll(error: ClosedError): void {
    const active = this.#active === undefined ? [] : [this.#active];
    this.#active = undefined;
    this.context = undefined;
    for (const job of [...active, ...this.#queue.removeAll()]) settle(job, error);
  }
}
