// Owns a stand-in for the add-on, whose guests are generator functions: what they yield is a host call.
import type { Binding, BindingCreate, BindingError, BindingEvent, BindingStats } from '../../src/binding.ts';

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
  hostCall: number;
  timer: NodeJS.Timeout | undefined;
}

interface FakeSandbox {
  onEvent: (event: BindingEvent) => void;
  base: GuestState;
  state: GuestState;
  running: Running | undefined;
  held: boolean;
  closed: boolean;
  stats: BindingStats;
}

const NO_BYTES = new Uint8Array();

export class FakeBinding implements Binding {
  readonly sandboxes: FakeSandbox[] = [];
  readonly created: BindingCreate[] = [];
  /** What runs for each number of an export. */
  guests: GuestFunction[] = [];
  /** Set: create fails with it. */
  createError: BindingError | undefined;
  #hostCall = 0;

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
    };
    const [base, state] = [{ counter: 0 }, { counter: 0 }];
    this.created.push(options);
    this.sandboxes.push({ onEvent, base, state, running: undefined, held: false, closed: false, stats });
    const handle = this.sandboxes.length;
    const error = this.createError;
    setImmediate(() => onEvent(error === undefined ? { kind: 'ready' } : { kind: 'failed', call: 0, error }));
    return handle;
  }

  call(
    handle: number,
    call: number,
    functionIndex: number,
    request: Uint8Array,
    keepState: boolean,
    timeoutMs: number,
    _cpuTimeoutMs: number,
    waitUs: number,
  ): BindingEvent | null {
    const sandbox = this.#open(handle);
    const steps = this.guests[functionIndex]!({ request: new Uint8Array(request), state: sandbox.state });
    const running: Running = { number: call, keepState, steps, hostCall: 0, timer: undefined };
    sandbox.running = running;
    sandbox.stats.calls++;
    if (timeoutMs > 0) {
      const expire = (): void => this.#end(sandbox, running, { code: 'timeout', kind: 'wall' });
      running.timer = setTimeout(expire, timeoutMs);
    }
    const first = this.#step(sandbox, running, NO_BYTES);
    if (waitUs > 0 || first === null) return first;
    setImmediate(() => sandbox.onEvent(first));
    return null;
  }

  reply(handle: number, hostCall: number, ok: boolean, payload: Uint8Array): void {
    const sandbox = this.#open(handle);
    const { running } = sandbox;
    if (running?.hostCall !== hostCall) return;
    const bytes = new Uint8Array(payload);
    setImmediate(() => {
      if (sandbox.running !== running) return;
      if (!ok) return this.#end(sandbox, running, { code: 'host-function', message: 'told to the guest' });
      const event = this.#step(sandbox, running, bytes);
      if (event !== null) sandbox.onEvent(event);
    });
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

  rebase(handle: number, request: number): void {
    const sandbox = this.#open(handle);
    sandbox.base = { ...sandbox.state };
    setImmediate(() => sandbox.onEvent({ kind: 'done', request }));
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
      sandbox.onEvent({ kind: 'closed' });
    });
  }

  hold(handle: number, held: boolean): void {
    this.#open(handle).held = held;
  }

  #open(handle: number): FakeSandbox {
    const sandbox = this.sandboxes[handle - 1];
    if (sandbox === undefined || sandbox.closed)
      throw new Error(`no sandbox has handle ${handle}: it is closed`);
    return sandbox;
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
      exits: 1,
      pages: 2,
      hostCalls: running.hostCall === 0 ? 0 : 1,
      hostMicros: 0,
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
