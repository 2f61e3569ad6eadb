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

  constructor(job: RunJob, post: (message: FromWorker) => void) {
    this.#post = post;
    this.#host = new Host(job, post);
    this.#functions = new Functions(job, this.#host);
    this.#base = job.history;
  }

  /** Throws where the component cannot be instantiated. */
  start(): void {
    this.#state = this.#fresh();
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
      this.#state ??= this.#fresh();
      this.#host.begin(record.answers);
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
    try {
      this.#state = this.#fresh();
    } catch {
      // The next call tries again, and is told.
    }
  }

  #fresh(): State {
    this.#host.beginNothing();
    const instance = this.#functions.instantiate();
    for (const { functionIndex, request, answers } of this.#base) {
      this.#host.beginAgain(answers);
      this.#functions.call(instance, functionIndex, request);
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
