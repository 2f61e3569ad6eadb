// Owns what leaves the guest for this process's main thread: calls of host functions and text, within their limits.
import { receiveMessageOnPort } from 'node:worker_threads';
import type { FromWorker, HostAnswer, RunJob } from '../messages.js';
import { Stop } from './stop.js';

const OTHER_CALLS =
  'in this process its state is made again by the calls that led to it, and now the guest called its host functions ' +
  'more often: let them not depend on time or chance, or use @hl/host';

export class Host {
  readonly #job: RunJob;
  readonly #post: (message: FromWorker) => void;
  /** The guest asked while it was instantiated. */
  wasRefused = false;
  #answered = 0;
  #hostCalls = 0;
  #outputBytes = 0;
  /** While a state is made again: what is told again is dropped, what was answered is answered again. */
  #again: readonly HostAnswer[] | undefined;
  #record: HostAnswer[] | undefined;

  constructor(job: RunJob, post: (message: FromWorker) => void) {
    this.#job = job;
    this.#post = post;
  }

  /** What is asked from now on belongs to a call, whose answers are noted in `record`. */
  begin(record: HostAnswer[]): void {
    this.#again = undefined;
    this.#record = record;
    this.#hostCalls = 0;
    this.#outputBytes = 0;
  }

  beginAgain(answers: readonly HostAnswer[]): void {
    this.begin([]);
    this.#again = answers;
  }

  /** Nobody may be asked: the guest is being instantiated. */
  beginNothing(): void {
    this.#record = undefined;
    this.#again = undefined;
    this.wasRefused = false;
  }

  /** Waits for the main thread. */
  call(index: number, request: Uint8Array): Uint8Array {
    if (this.#record === undefined) {
      this.wasRefused = true;
      throw new Stop({ code: 'load', message: 'it calls a host function while it is instantiated' });
    }
    this.#hostCalls++;
    if (this.#hostCalls > this.#job.hostCallsMax) throw new Stop({ code: 'limit', limit: 'maxHostCalls' });
    const answer = this.#again === undefined ? this.#ask(index, request) : this.#again[this.#hostCalls - 1];
    if (answer === undefined) throw new Stop({ code: 'load', message: OTHER_CALLS });
    this.#record.push(answer);
    if (!answer.ok)
      throw new Stop({ code: 'host-function', message: new TextDecoder().decode(answer.payload) });
    return answer.payload;
  }

  write(stream: 1 | 2, bytes: Uint8Array): void {
    if (this.#again !== undefined) return;
    this.#outputBytes += bytes.length;
    if (this.#outputBytes > this.#job.outputBytesMax)
      throw new Stop({ code: 'limit', limit: 'maxOutputBytes' });
    this.#post({ kind: 'output', stream, bytes: new Uint8Array(bytes) });
  }

  #ask(index: number, request: Uint8Array): HostAnswer {
    const { answered, answers } = this.#job;
    this.#post({ kind: 'hostCall', index, request });
    // The main thread ends this worker where that takes too long.
    while (Atomics.load(answered, 0) === this.#answered) Atomics.wait(answered, 0, this.#answered);
    this.#answered++;
    return receiveMessageOnPort(answers)!.message as HostAnswer;
  }
}
