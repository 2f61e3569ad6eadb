// Owns a stand-in for the add-on, whose guests are generator functions: what they yield is a host call.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type Binding,
  type BindingCode,
  type BindingCreate,
  type BindingError,
  type BindingEvent,
  type BindingLoaded,
  type BindingSaved,
  type BindingSnapshot,
  type BindingStats,
  CallStatus,
  Control,
} from '../../src/binding.ts';

/** Guest state that a reset puts back. */
export interface GuestState {
  counter: number;
}

export interface GuestCall {
  request: Uint8Array;
  state: GuestState;
}

/** Answers the reply's bytes; yields a host call to make, `'forever'` to loop, or bytes for stdout. */
export type GuestFunction = (
  call: GuestCall,
) => Generator<HostCallOf | 'forever' | 'later' | { stdout: string }, Uint8Array, Uint8Array>;

interface HostCallOf {
  import: number;
  arguments: Uint8Array;
}

/** What a guest throws to end its call with that error. */
export class GuestError extends Error {
  readonly error: BindingError;

  constructor(error: BindingError) {
    super(error.code);
    this.error = error;
  }
}

interface Running {
  number: number;
  keepState: boolean;
  steps: ReturnType<GuestFunction>;
  /** The one that waits for its answer, and how many there were. */
  hostCall: number;
  hostCalls: number;
  timer: NodeJS.Timeout | undefined;
}

interface FakeSandbox {
  onEvent: (event: BindingEvent) => void;
  base: GuestState;
  state: GuestState;
  running: Running | undefined;
  /** What the last call was given. */
  timeoutMs: number;
  held: boolean;
  closed: boolean;
  stats: BindingStats;
  /** What `takeReply` gives. */
  large: Uint8Array;
}

const NO_BYTES = new Uint8Array();

export class FakeBinding implements Binding {
  readonly sandboxes: FakeSandbox[] = [];
  readonly created: BindingCreate[] = [];
  /** Handles of those that are to get a new VM. */
  readonly condemned: number[] = [];
  /** What runs for each number of an export. */
  guests: GuestFunction[] = [];
  /** Set: create fails with it. */
  createError: BindingError | undefined;
  /** By number - 1; undefined once released. */
  codeChecksum = '0'.repeat(16);
  readonly snapshots: (GuestState | undefined)[] = [];
  /** Host calls of a call that is waited for are told at once, not by event. */
  servesInPlace = true;
  #hostCall = 0;
  #control: Float64Array = new Float64Array();
  #request: Uint8Array = NO_BYTES;
  #replyBuffer: Uint8Array = NO_BYTES;

  describe(): { abiVersion: number; runtimeSha256: string; target: string } {
    return { abiVersion: 1, runtimeSha256: '', target: 'linux-x64-gnu' };
  }

  probe(): { ok: true } {
    return { ok: true };
  }

  createSandbox(options: BindingCreate, onEvent: (event: BindingEvent) => void): number {
    const stats = {
      calls: 0,
      exits: 0,
      resets: 0,
      pagesWritten: 0,
      pagesRestored: 0,
      replacements: 0,
      resetMicros: 0,
      lastResetMicros: 0,
    };
    const from = options.snapshot === undefined ? { counter: 0 } : this.#snapshot(options.snapshot);
    const [base, state] = [{ ...from }, { ...from }];
    this.created.push(options);
    this.sandboxes.push({
      onEvent,
      base,
      state,
      running: undefined,
      timeoutMs: 0,
      held: false,
      closed: false,
      stats,
      large: NO_BYTES,
    });
    const handle = this.sandboxes.length;
    const error = this.createError;
    setImmediate(() => onEvent(error === undefined ? { kind: 'ready' } : { kind: 'failed', call: 0, error }));
    return handle;
  }

  attach(control: Float64Array, request: Uint8Array, reply: Uint8Array): void {
    this.#control = control;
    this.#request = request;
    this.#replyBuffer = reply;
  }

  call(handle: number): CallStatus {
    return this.callWith(handle, this.#request.subarray(0, this.#control[Control.REQUEST_BYTES]));
  }

  callWith(handle: number, request: Uint8Array): CallStatus {
    const [call, functionIndex, , flags, timeoutMs, waitUs] = this.#control as unknown as number[];
    const sandbox = this.#open(handle);
    const steps = this.guests[functionIndex!]!({ request: new Uint8Array(request), state: sandbox.state });
    const running: Running = {
      number: call!,
      keepState: flags === 1,
      steps,
      hostCall: 0,
      hostCalls: 0,
      timer: undefined,
    };
    sandbox.running = running;
    sandbox.timeoutMs = timeoutMs!;
    sandbox.stats.calls++;
    if (timeoutMs! > 0) {
      const expire = (): void => this.#end(sandbox, running, { code: 'timeout', kind: 'wall' });
      running.timer = setTimeout(expire, timeoutMs);
    }
    return this.#told(sandbox, this.#step(sandbox, running, NO_BYTES), waitUs!);
  }

  resume(handle: number): CallStatus {
    return this.resumeWith(handle, this.#request.subarray(0, this.#control[Control.REQUEST_BYTES]));
  }

  resumeWith(handle: number, payload: Uint8Array): CallStatus {
    const sandbox = this.#open(handle);
    const { running } = sandbox;
    const hostCall = this.#control[Control.ANSWERED_HOST_CALL];
    if (running === undefined || running.hostCall !== hostCall) return CallStatus.STALE;
    const isOk = this.#control[Control.OK] === 1;
    const waitUs = this.#control[Control.WAIT_US]!;
    const bytes = new Uint8Array(payload);
    running.hostCall = 0;
    if (this.servesInPlace && isOk && waitUs > 0) {
      return this.#told(sandbox, this.#step(sandbox, running, bytes), waitUs);
    }
    setImmediate(() => {
      if (sandbox.running !== running) return;
      if (!isOk) return this.#end(sandbox, running, { code: 'host-function', message: 'told to the guest' });
      const event = this.#step(sandbox, running, bytes);
      if (event !== null) sandbox.onEvent(event);
    });
    return CallStatus.PENDING;
  }

  takeReply(handle: number): Uint8Array {
    return this.#open(handle).large;
  }

  interrupt(handle: number, call: number): void {
    const sandbox = this.#open(handle);
    const { running } = sandbox;
    if (running?.number === call) setImmediate(() => this.#end(sandbox, running, { code: 'interrupted' }));
  }

  reset(handle: number, request: number): void {
    const sandbox = this.#open(handle);
    this.#reset(sandbox);
    setImmediate(() => sandbox.onEvent({ kind: 'done', request }));
  }

  condemn(handle: number): void {
    this.condemned.push(handle);
  }

  rebase(handle: number, request: number): void {
    const sandbox = this.#open(handle);
    sandbox.base = { ...sandbox.state };
    setImmediate(() => sandbox.onEvent({ kind: 'done', request }));
  }

  capture(handle: number, request: number, source: 'base' | 'current'): void {
    const sandbox = this.#open(handle);
    const snapshot = this.snapshots.push({ ...(source === 'base' ? sandbox.base : sandbox.state) });
    setImmediate(() => sandbox.onEvent({ kind: 'captured', request, snapshot }));
  }

  describeSnapshot(snapshot: number): BindingSnapshot {
    this.#snapshot(snapshot);
    return { memoryBytes: 32 * 2 ** 20, bytes: 4096 };
  }

  /** A file is what JSON makes of the state. */
  async saveSnapshot(snapshot: number, path: string, note: string): Promise<BindingSaved> {
    const state = this.#snapshot(snapshot);
    writeFileSync(path, JSON.stringify({ state, note }));
    return {};
  }

  async loadSnapshot(path: string): Promise<BindingLoaded> {
    if (!existsSync(path))
      return { error: { code: 'snapshot', reason: 'file', message: `cannot read ${path}` } };
    const { state, note } = JSON.parse(readFileSync(path, 'utf8'));
    return { snapshot: this.snapshots.push(state), note, codeChecksum: this.codeChecksum };
  }

  async attachSnapshot(snapshot: number, _code: BindingCode): Promise<BindingLoaded> {
    const attached = this.snapshots.push(this.#snapshot(snapshot));
    this.releaseSnapshot(snapshot);
    return { snapshot: attached };
  }

  releaseSnapshot(snapshot: number): void {
    this.snapshots[snapshot - 1] = undefined;
  }

  stats(handle: number): BindingStats {
    return { ...this.#open(handle).stats };
  }

  close(handle: number): void {
    const sandbox = this.sandboxes[handle - 1]!;
    if (sandbox.closed) return;
    clearTimeout(sandbox.running?.timer);
    sandbox.running = undefined;
    setImmediate(() => {
      sandbox.closed = true;
      sandbox.onEvent({ kind: 'closed', stats: { ...sandbox.stats } });
    });
  }

  hold(handle: number, held: boolean): void {
    this.#open(handle).held = held;
  }

  #snapshot(number: number): GuestState {
    const snapshot = this.snapshots[number - 1];
    if (snapshot === undefined) throw new Error(`no snapshot has number ${number}: it is released`);
    return snapshot;
  }

  #open(handle: number): FakeSandbox {
    const sandbox = this.sandboxes[handle - 1];
    if (sandbox === undefined || sandbox.closed)
      throw new Error(`no sandbox has handle ${handle}: it is closed`);
    return sandbox;
  }

  /** An answer that is waited for is laid into the buffers; everything else comes as an event. */
  #told(sandbox: FakeSandbox, event: BindingEvent | null, waitUs: number): CallStatus {
    if (event === null) return CallStatus.PENDING;
    if (waitUs > 0 && event.kind === 'hostCall' && this.servesInPlace) {
      this.#control[Control.HOST_CALL] = event.hostCall;
      this.#control[Control.IMPORT] = event.import;
      const isLarge = this.#lay(sandbox, event.arguments);
      return isLarge ? CallStatus.HOST_CALL_LARGE : CallStatus.HOST_CALL;
    }
    if (waitUs === 0 || event.kind !== 'returned') {
      setImmediate(() => sandbox.onEvent(event));
      return CallStatus.PENDING;
    }
    this.#control[Control.MICROS] = event.micros;
    this.#control[Control.WAKE_MICROS] = event.wakeMicros;
    this.#control[Control.HOST_MICROS] = event.hostMicros;
    this.#control[Control.HOST_CALLS] = event.hostCalls;
    this.#control[Control.EXITS] = event.exits;
    this.#control[Control.PAGES] = event.pages;
    return this.#lay(sandbox, event.reply) ? CallStatus.RETURNED_LARGE : CallStatus.RETURNED;
  }

  /** Whether `bytes` are too long for the reply buffer. */
  #lay(sandbox: FakeSandbox, bytes: Uint8Array): boolean {
    this.#control[Control.REPLY_BYTES] = bytes.length;
    sandbox.large = bytes;
    const isLarge = bytes.length > this.#replyBuffer.length;
    if (!isLarge) this.#replyBuffer.set(bytes);
    return isLarge;
  }

  /** Goes on until the guest waits for something; answers what has to be told at once. */
  #step(sandbox: FakeSandbox, running: Running, input: Uint8Array): BindingEvent | null {
    try {
      const step = running.steps.next(input);
      if (step.done) return this.#returned(sandbox, running, step.value);
      if (step.value === 'forever') return null;
      if (step.value === 'later') {
        setTimeout(() => {
          if (sandbox.running !== running) return;
          const event = this.#step(sandbox, running, NO_BYTES);
          if (event !== null) sandbox.onEvent(event);
        }, 5);
        return null;
      }
      if ('stdout' in step.value) {
        const bytes = new TextEncoder().encode(step.value.stdout);
        setImmediate(() => {
          sandbox.onEvent({ kind: 'output', stream: 1, bytes });
          if (sandbox.running !== running) return;
          const event = this.#step(sandbox, running, NO_BYTES);
          if (event !== null) sandbox.onEvent(event);
        });
        return null;
      }
      running.hostCall = ++this.#hostCall;
      running.hostCalls++;
      return { kind: 'hostCall', hostCall: running.hostCall, call: running.number, ...step.value };
    } catch (thrown) {
      if (!(thrown instanceof GuestError)) throw thrown;
      clearTimeout(running.timer);
      sandbox.running = undefined;
      this.#reset(sandbox);
      return { kind: 'failed', call: running.number, error: thrown.error };
    }
  }

  #returned(sandbox: FakeSandbox, running: Running, reply: Uint8Array): BindingEvent {
    clearTimeout(running.timer);
    sandbox.running = undefined;
    if (!running.keepState) this.#reset(sandbox);
    const counted = {
      micros: 10,
      wakeMicros: 1,
      exits: 1,
      pages: 2,
      hostCalls: running.hostCalls,
      hostMicros: running.hostCalls * 2,
    };
    return { kind: 'returned', call: running.number, reply, ...counted };
  }

  #end(sandbox: FakeSandbox, running: Running, error: BindingError): void {
    if (sandbox.running !== running) return;
    clearTimeout(running.timer);
    sandbox.running = undefined;
    this.#reset(sandbox);
    sandbox.onEvent({ kind: 'failed', call: running.number, error });
  }

  #reset(sandbox: FakeSandbox): void {
    Object.assign(sandbox.state, sandbox.base);
    sandbox.stats.resets++;
  }
}
