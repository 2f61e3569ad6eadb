// Owns one sandbox in this process: its worker, the call under way, its time, and what becomes of it.
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { BindingCreate, BindingError, BindingEvent, BindingStats } from '../binding.js';
import type { FromWorker, HostAnswer, Recorded, RunJob, ToWorker, Transpiled } from './messages.js';
import { newRunning, type Running } from './running.js';
import { WORKER } from './transpile.js';

/** The longest that a timer of Node's takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The longest that a worker may take to start again where `limits.timeoutMs` sets no end. */
const START_MS_MAX = 240_000;

export interface RunnerParts {
  readonly create: BindingCreate;
  readonly transpiled: Transpiled;
  readonly history: readonly Recorded[];
  readonly onEvent: (event: BindingEvent) => void;
  /** Keeps a state, and answers its number. */
  readonly keep: (history: readonly Recorded[]) => number;
}

export class Runner {
  readonly stats: BindingStats = {
    calls: 0,
    exits: 0,
    resets: 0,
    pagesWritten: 0,
    pagesRestored: 0,
    replacements: 0,
    resetMicros: 0,
    lastResetMicros: 0,
  };
  readonly #parts: RunnerParts;
  #history: readonly Recorded[];
  /** None where the last one could not start: the next that is asked for starts another. */
  #worker: Worker | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #answered!: Int32Array;
  #answers!: MessagePort;
  #running: Running | undefined;
  #hostCall = 0;
  #isReady = false;
  #isHeld = false;
  #isClosed = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#history = parts.history;
    this.#running = newRunning(0, 'create', 0, true);
    this.#start(parts.create.timeoutMs);
  }

  call(
    number: number,
    functionIndex: number,
    request: Uint8Array,
    keepState: boolean,
    timeoutMs: number,
  ): void {
    this.#begin(newRunning(number, 'call', timeoutMs, keepState));
    this.#tell({ kind: 'call', functionIndex, request, keepState });
  }

  changeState(kind: 'reset' | 'rebase', number: number): void {
    this.#begin(newRunning(number, kind === 'rebase' ? 'rebase' : 'state', 0, true));
    this.#tell({ kind });
  }

  capture(number: number, source: 'base' | 'current'): void {
    this.#begin(newRunning(number, 'capture', 0, true));
    this.#tell({ kind: 'capture', source });
  }

  /** False if nobody waits for it any more. */
  answer(hostCall: number, answer: HostAnswer): boolean {
    const running = this.#running;
    if (running === undefined || hostCall !== this.#hostCall || this.#isClosed) return false;
    running.hostMs += performance.now() - running.hostStartedMs;
    this.#answers.postMessage(answer);
    Atomics.add(this.#answered, 0, 1);
    Atomics.notify(this.#answered, 0);
    return true;
  }

  interrupt(number: number): void {
    const running = this.#running;
    if (running?.kind !== 'call' || running.number !== number) return;
    clearTimeout(running.timer);
    this.#replace();
    // By then it may be another that runs.
    setImmediate(() => this.#running === running && this.#fail({ code: 'interrupted' }));
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#applyHold();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#running?.timer);
    this.#running = undefined;
    void this.#end().then(() => this.#parts.onEvent({ kind: 'closed', stats: this.stats }));
  }

  /** Nobody waits longer than `timeoutMs` for it to be ready; 0: as long as it takes. */
  #start(timeoutMs: number): void {
    const { create, transpiled } = this.#parts;
    const { port1, port2 } = new MessageChannel();
    const { exports, imports, replyBytesMax, outputBytesMax, hostCallsMax } = create;
    // Its own: the one before may not be gone yet.
    this.#answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const job: RunJob = {
      role: 'run',
      transpiled,
      exports,
      imports,
      replyBytesMax,
      outputBytesMax,
      hostCallsMax,
      history: this.#history,
      answered: this.#answered,
      answers: port2,
    };
    this.#isReady = false;
    this.#answers = port1;
    port1.unref();
    const worker = new Worker(WORKER, { workerData: job, transferList: [port2], env: {}, execArgv: [] });
    this.#worker = worker;
    this.#applyHold();
    const isCurrent = (): boolean => this.#worker === worker && !this.#isClosed;
    worker.on('message', (message: FromWorker) => isCurrent() && this.#heard(message));
    worker.on('error', (error) => isCurrent() && this.#broke(error));
    if (timeoutMs <= 0) return;
    const onTime = (): void => this.#startedLate(timeoutMs);
    this.#startTimer = setTimeout(onTime, Math.min(timeoutMs, TIMER_MS_MAX)).unref();
  }

  /** Every call that it has to make again has had its own time, too. */
  #startAgain(): void {
    const timeoutMs = this.#parts.create.timeoutMs * (1 + this.#history.length);
    this.#start(timeoutMs === 0 ? START_MS_MAX : timeoutMs);
  }

  #startedLate(timeoutMs: number): void {
    if (this.#running?.kind === 'create') return this.#startFailed({ code: 'timeout', kind: 'wall' });
    const message = `in this process its state is made again by the calls that led to it, which took longer than ${timeoutMs} ms`;
    this.#startFailed({ code: 'load', message });
  }

  /** Not tried again before somebody asks for something: it may never succeed. */
  #startFailed(error: BindingError): void {
    void this.#end();
    this.#fail(error);
  }

  #begin(running: Running): void {
    this.#running = running;
    if (this.#isReady) this.#startCallTimer();
  }

  /** A worker that is still starting is no part of the call, and has a time of its own. */
  #startCallTimer(): void {
    const running = this.#running;
    if (running === undefined || running.timeoutMs <= 0 || running.timer !== undefined) return;
    const onTime = (): void => {
      this.#replace();
      this.#fail({ code: 'timeout', kind: 'wall' });
    };
    running.timer = setTimeout(onTime, Math.min(running.timeoutMs, TIMER_MS_MAX));
  }

  #heard(message: FromWorker): void {
    const { onEvent } = this.#parts;
    switch (message.kind) {
      case 'ready':
        this.#isReady = true;
        clearTimeout(this.#startTimer);
        if (this.#running?.kind !== 'create') this.#startCallTimer();
        else if (this.#over() !== undefined) onEvent({ kind: 'ready' });
        break;
      case 'failed':
        if (this.#isReady) this.#fail(message.error);
        else this.#startFailed(message.error);
        break;
      case 'returned':
        this.#returned(message.reply);
        break;
      case 'hostCall':
        this.#hostCalled(message.index, message.request);
        break;
      case 'output':
        onEvent({ kind: 'output', stream: message.stream, bytes: message.bytes });
        break;
      case 'history':
        this.#remembered(message.history);
        break;
      default:
        message satisfies never;
    }
  }

  #returned(reply: Uint8Array): void {
    const running = this.#over();
    if (running === undefined) return;
    this.stats.calls++;
    this.#parts.onEvent({
      kind: 'returned',
      call: running.number,
      reply,
      micros: (performance.now() - running.startedMs) * 1_000,
      wakeMicros: 0,
      exits: 0,
      pages: 0,
      hostCalls: running.hostCalls,
      hostMicros: running.hostMs * 1_000,
    });
  }

  #hostCalled(index: number, request: Uint8Array): void {
    const running = this.#running;
    if (running === undefined) return;
    running.hostCalls++;
    running.hostStartedMs = performance.now();
    this.#hostCall++;
    this.#parts.onEvent({
      kind: 'hostCall',
      hostCall: this.#hostCall,
      call: running.number,
      import: index,
      arguments: request,
    });
  }

  /** Answers a reset, a rebase or a capture. */
  #remembered(history: readonly Recorded[] | undefined): void {
    const running = this.#over();
    if (running === undefined) return;
    const { number, kind } = running;
    if (kind === 'state') {
      this.stats.resets++;
      this.#parts.onEvent({ kind: 'done', request: number });
    } else if (history === undefined) {
      this.#parts.onEvent({ kind: 'failed', call: number, error: TOO_LONG });
    } else if (kind === 'rebase') {
      this.#history = history;
      this.#parts.onEvent({ kind: 'done', request: number });
    } else {
      this.#parts.onEvent({ kind: 'captured', request: number, snapshot: this.#parts.keep(history) });
    }
  }

  #fail(error: BindingError): void {
    const running = this.#over();
    if (running !== undefined) this.#parts.onEvent({ kind: 'failed', call: running.number, error });
  }

  /** The worker ended by itself, out of memory for one. */
  #broke(error: Error): void {
    const panic: BindingError = { code: 'panic', message: error.message };
    if (!this.#isReady) return this.#startFailed(panic);
    this.#replace();
    this.#fail(panic);
  }

  #over(): Running | undefined {
    const running = this.#running;
    clearTimeout(running?.timer);
    this.#running = undefined;
    return running;
  }

  /** Its guest cannot be stopped otherwise. */
  #replace(): void {
    void this.#end();
    this.stats.replacements++;
    this.#startAgain();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    clearTimeout(this.#startTimer);
    this.#answers.close();
    this.#worker = undefined;
    await worker?.terminate();
  }

  #tell(message: ToWorker): void {
    if (this.#worker === undefined) this.#startAgain();
    this.#worker!.postMessage(message);
  }

  #applyHold(): void {
    if (this.#isHeld) this.#worker?.ref();
    else this.#worker?.unref();
  }
}

const TOO_LONG: BindingError = {
  code: 'snapshot',
  reason: 'in-process',
  message: 'in this process a state is remembered by the calls that led to it, and these were too many',
};
