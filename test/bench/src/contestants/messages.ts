// Owns calling a guest that answers by messages, one at a time: a thread's or a process's.
import type { BenchExports } from './contestant.js';

export interface Channel {
  send(message: { name: string; args: readonly unknown[] }): void;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class Calls {
  readonly exports: BenchExports;
  readonly #channel: Channel;
  #waiting: Waiting | undefined;
  #ended: Error | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.exports = {
      noop: () => this.call('noop'),
      calls: () => this.call('calls'),
      hello: (name) => this.call('hello', name),
      echo: (bytes) => this.call('echo', bytes),
      hostCalls: (count, seed) => this.call('hostCalls', count, seed),
    };
  }

  call<T>(name: string, ...args: unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting = { resolve: resolve as (answer: unknown) => void, reject };
      this.#channel.send({ name, args });
    });
  }

  answered(answer: unknown): void {
    this.#waiting?.resolve(answer);
    this.#waiting = undefined;
  }

  /** Nobody answers any more. */
  ended(reason: string): void {
    this.#ended = new Error(reason);
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}

/** Ends the guest when its time is over; the call that it was in must not come back with an answer. */
export async function stopSpin(calls: Calls, limitMs: number, end: () => void): Promise<void> {
  const timer = setTimeout(end, limitMs);
  const answered = await calls.call('spin').then(
    () => true,
    () => false,
  );
  clearTimeout(timer);
  if (answered) throw new Error('the guest came back from an endless loop');
}
