// Owns what becomes of the text that a guest writes to stdout and stderr.
import { Buffer } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { OutputOption } from './options.js';

export type StreamName = 'stdout' | 'stderr';

interface Sink {
  readonly name: StreamName;
  readonly write: (text: string) => void;
  /** Characters may be cut in two between two writes of the guest. */
  readonly decoder: StringDecoder;
}

export class Output {
  readonly #sinks: readonly (Sink | undefined)[];

  constructor(stdout: OutputOption | undefined, stderr: OutputOption | undefined) {
    this.#sinks = [undefined, sink('stdout', stdout), sink('stderr', stderr)];
  }

  /** Answers what a sink threw, and which one. */
  write(
    stream: 1 | 2,
    bytes: Uint8Array,
  ): { readonly stream: StreamName; readonly thrown: unknown } | undefined {
    const sink = this.#sinks[stream];
    if (sink === undefined) return undefined;
    const text = sink.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (text === '') return undefined;
    try {
      sink.write(text);
      return undefined;
    } catch (thrown) {
      return { stream: sink.name, thrown };
    }
  }

  /** Forgets half a character: the next call starts afresh. */
  callIsOver(): void {
    for (const sink of this.#sinks) sink?.decoder.end();
  }
}

function sink(name: StreamName, option: OutputOption | undefined): Sink | undefined {
  if (option === undefined) return undefined;
  const stream = process[name];
  const write = option === 'inherit' ? (text: string): void => void stream.write(text) : option;
  return { name, write, decoder: new StringDecoder('utf8') };
}
