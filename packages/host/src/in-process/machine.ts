// Owns what stands in the add-on's place: the same functions and events, with a worker instead of a micro-VM.
import {
  ABI_VERSION,
  type Binding,
  type BindingCreate,
  type BindingError,
  type BindingEvent,
  type BindingLoaded,
  type BindingProbe,
  type BindingSaved,
  type BindingSnapshot,
  type BindingStats,
  CallStatus,
  Control,
} from '../binding.js';
import { MiB } from '../units.js';
import type { Recorded, Transpiled } from './messages.js';
import { Runner } from './runner.js';
import { transpiledAt } from './transpile.js';

const KEEPS_STATE = 1;

const NO_FILES: BindingError = {
  code: 'snapshot',
  reason: 'in-process',
  message:
    'in this process a snapshot is a list of calls, not memory: it cannot be saved or loaded; @hl/host can',
};

interface Kept {
  readonly transpiled: Transpiled;
  readonly history: readonly Recorded[];
}

export class InProcessMachine implements Binding {
  readonly #runners = new Map<number, Runner>();
  readonly #snapshots = new Map<number, Kept>();
  readonly #announce: () => void;
  #handles = 0;
  #snapshotNumbers = 0;
  #control: Float64Array = new Float64Array();
  #request: Uint8Array = new Uint8Array();

  /** `announce` is called before the first sandbox is made. */
  constructor(announce: () => void) {
    this.#announce = announce;
  }

  describe(): { abiVersion: number; runtimeSha256: string; target: string } {
    return { abiVersion: ABI_VERSION, runtimeSha256: '', target: 'in-process' };
  }

  probe(): BindingProbe {
    return { ok: true };
  }

  createSandbox(create: BindingCreate, onEvent: (event: BindingEvent) => void): number {
    this.#announce();
    const { transpiled, history } = this.#origin(create);
    const keep = (kept: readonly Recorded[]): number => this.#keep({ transpiled, history: kept });
    const handle = ++this.#handles;
    const forget = (event: BindingEvent): void => {
      if (event.kind === 'closed') this.#runners.delete(handle);
      onEvent(event);
    };
    this.#runners.set(handle, new Runner({ create, transpiled, history, onEvent: forget, keep }));
    return handle;
  }

  attach(control: Float64Array, request: Uint8Array): void {
    this.#control = control;
    this.#request = request;
  }

  call(handle: number): CallStatus {
    return this.callWith(handle, this.#attached());
  }

  callWith(handle: number, request: Uint8Array): CallStatus {
    const control = this.#control;
    const keepsState = (control[Control.FLAGS]! & KEEPS_STATE) !== 0;
    this.#runner(handle).call(
      control[Control.CALL]!,
      control[Control.FUNCTION_INDEX]!,
      new Uint8Array(request),
      keepsState,
      control[Control.TIMEOUT_MS]!,
    );
    return CallStatus.PENDING;
  }

  resume(handle: number): CallStatus {
    return this.resumeWith(handle, this.#attached());
  }

  resumeWith(handle: number, payload: Uint8Array): CallStatus {
    const answer = { ok: this.#control[Control.OK] === 1, payload: new Uint8Array(payload) };
    const isTaken = this.#runner(handle).answer(this.#control[Control.ANSWERED_HOST_CALL]!, answer);
    return isTaken ? CallStatus.PENDING : CallStatus.STALE;
  }

  takeReply(): Uint8Array {
    throw new Error('in this process every reply comes as an event');
  }

  interrupt(handle: number, call: number): void {
    this.#runner(handle).interrupt(call);
  }

  reset(handle: number, request: number): void {
    this.#runner(handle).changeState('reset', request);
  }

  /** What lives in this process could lie about anything, and a worker of its own ends with each call's state anyway. */
  condemn(_handle: number): void {}

  rebase(handle: number, request: number): void {
    this.#runner(handle).changeState('rebase', request);
  }

  capture(handle: number, request: number, source: 'base' | 'current'): void {
    this.#runner(handle).capture(request, source);
  }

  describeSnapshot(snapshot: number): BindingSnapshot {
    const { history } = this.#kept(snapshot);
    // The default: no limit of memory is kept here, so none may be asked for either.
    return { memoryBytes: MiB(256), bytes: history.reduce((sum, one) => sum + one.request.length, 0) };
  }

  async saveSnapshot(): Promise<BindingSaved> {
    return { error: NO_FILES };
  }

  async loadSnapshot(): Promise<BindingLoaded> {
    return { error: NO_FILES };
  }

  async attachSnapshot(): Promise<BindingLoaded> {
    return { error: NO_FILES };
  }

  releaseSnapshot(snapshot: number): void {
    this.#snapshots.delete(snapshot);
  }

  stats(handle: number): BindingStats {
    return { ...this.#runner(handle).stats };
  }

  close(handle: number): void {
    this.#runners.get(handle)?.close();
  }

  hold(handle: number, held: boolean): void {
    this.#runners.get(handle)?.hold(held);
  }

  #origin({ snapshot, code }: BindingCreate): Kept {
    if (snapshot !== undefined) return this.#kept(snapshot);
    const transpiled = transpiledAt(code.artifactPath);
    if (transpiled === undefined) throw new Error(`no component was loaded as ${code.artifactPath}`);
    return { transpiled, history: [] };
  }

  #keep(kept: Kept): number {
    const number = ++this.#snapshotNumbers;
    this.#snapshots.set(number, kept);
    return number;
  }

  #kept(snapshot: number): Kept {
    const kept = this.#snapshots.get(snapshot);
    if (kept === undefined) throw new Error(`there is no snapshot ${snapshot}`);
    return kept;
  }

  #attached(): Uint8Array {
    return this.#request.subarray(0, this.#control[Control.REQUEST_BYTES]);
  }

  #runner(handle: number): Runner {
    const runner = this.#runners.get(handle);
    if (runner === undefined) throw new Error(`there is no sandbox ${handle}`);
    return runner;
  }
}
