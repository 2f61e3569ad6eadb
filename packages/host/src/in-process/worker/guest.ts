// Owns the guest of one sandbox: its present state, the base state, and how either came to be.
import type { FromWorker, Recorded, RunJob, ToWorker } from '../messages.js';
import { Functions, type Instance } from './functions.js';
import { Host } from './host.js';
import { errorOf } from './stop.js';

/** Calls that lead to a state are kept for this much; who wants more wants a real snapshot. */
const HISTORY_BYTES_MAX = 64 << 20;

interface State {
  readonly instance: Instance;
  /** Undefined: too long to be kept. */
  history: readonly Recorded[] | undefined;
}

class Guest {
  readonly #post: (message: FromWorker) => void;
  readonly #host: Host;
  readonly #functions: Functions;
  #base: readonly Recorded[];
  #state: State | undefined;
  /** It asks the host for granted WASI as soon as it is instantiated, and answers come during calls only. */
  #startsInCalls = false;
  readonly #isGranted: boolean;

  constructor(job: RunJob, post: (message: FromWorker) => void) {
    this.#post = post;
    this.#host = new Host(job, post);
    this.#functions = new Functions(job, this.#host);
    this.#base = job.history;
    this.#isGranted = job.imports.some(([name]) => name?.startsWith('wasi:'));
  }

  /** Throws where the component cannot be instantiated. */
  start(): void {
    try {
      this.#state = this.#fresh([]);
    } catch (thrown) {
      if (!this.#isGranted || !this.#host.wasRefused) throw thrown;
      this.#startsInCalls = true;
    }
  }

  hear(message: ToWorker): void {
    switch (message.kind) {
      case 'call':
        this.#call(message);
        break;
      case 'reset':
        this.#backToBase();
        this.#post({ kind: 'history', history: [] });
        break;
      case 'rebase':
        this.#rebase();
        break;
      case 'capture':
        this.#post({ kind: 'history', history: message.source === 'base' ? this.#base : this.#history() });
        break;
      default:
        message satisfies never;
    }
  }

  #call({ functionIndex, request, keepState }: Extract<ToWorker, { kind: 'call' }>): void {
    const record: Recorded = { functionIndex, request, answers: [] };
    try {
      const isNew = this.#state === undefined;
      this.#state ??= this.#fresh(record.answers);
      // Otherwise the call began with the instance.
      if (!isNew || !this.#startsInCalls || this.#base.length > 0) this.#host.begin(record.answers);
      const reply = this.#functions.call(this.#state.instance, functionIndex, request);
      this.#post({ kind: 'returned', reply });
    } catch (thrown) {
      this.#post({ kind: 'failed', error: errorOf(thrown) });
      this.#backToBase();
      return;
    }
    if (keepState) this.#state.history = append(this.#state.history, record);
    else this.#backToBase();
  }

  #rebase(): void {
    const history = this.#history();
    if (history !== undefined) this.#base = history;
    this.#post({ kind: 'history', history });
  }

  #history(): readonly Recorded[] | undefined {
    return this.#state === undefined ? this.#base : this.#state.history;
  }

  /** A new instance for the next call: nothing of this one is left. */
  #backToBase(): void {
    this.#state = undefined;
    if (this.#startsInCalls) return;
    try {
      this.#state = this.#fresh([]);
    } catch {
      // The next call tries again, and is told.
    }
  }

  /** What the host answers while it is instantiated belongs to the first call of the state. */
  #fresh(record: Recorded['answers']): State {
    const [first] = this.#base;
    if (!this.#startsInCalls) this.#host.beginNothing();
    else if (first === undefined) this.#host.begin(record);
    else this.#host.beginAgain(first.answers);
    const instance = this.#functions.instantiate();
    for (const one of this.#base) {
      if (one !== first || !this.#startsInCalls) this.#host.beginAgain(one.answers);
      this.#functions.call(instance, one.functionIndex, one.request);
    }
    return { instance, history: this.#base };
  }
}

/** Undefined, and told, where it cannot be started. */
export function startGuest(job: RunJob, post: (message: FromWorker) => void): Guest | undefined {
  try {
    const guest = new Guest(job, post);
    guest.start();
    post({ kind: 'ready' });
    return guest;
  } catch (thrown) {
    const error = errorOf(thrown);
    const message = 'message' in error ? error.message : error.code;
    post({ kind: 'failed', error: { code: 'load', message } });
    return undefined;
  }
}

function append(history: readonly Recorded[] | undefined, record: Recorded): readonly Recorded[] | undefined {
  if (history === undefined) return undefined;
  const all = [...history, record];
  return all.reduce((sum, one) => sum + bytesOf(one), 0) > HISTORY_BYTES_MAX ? undefined : all;
}

function bytesOf({ request, answers }: Recorded): number {
  return answers.reduce((sum, { payload }) => sum + payload.length, request.length);
}
