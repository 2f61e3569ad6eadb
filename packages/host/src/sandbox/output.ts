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

/** As much of a call's stderr as an error tells: what a program says last says why it stopped. */
const TAIL_BYTES = 4096;
const STDERR = 2;

export class Output {
  readonly #sinks: readonly (Sink | undefined)[];
  #tail = Buffer.alloc(0);

  constructor(stdout: OutputOption | undefined, stderr: OutputOption | undefined) {
    this.#sinks = [undefined, sink('stdout', stdout), sink('stderr', stderr)];
  }

  /** Answers what a sink threw, and which one. */
  write(
    stream: 1 | 2,
    bytes: Uint8Array,
  ): { readonly stream: StreamName; readonly thrown: unknown } | undefined {
    const written = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (stream === STDERR) this.#tail = Buffer.concat([this.#tail, written.subarray(-TAIL_BYTES)]);
    if (this.#tail.length > TAIL_BYTES) this.#tail = this.#tail.subarray(-TAIL_BYTES);
    const sink = this.#sinks[stream];
    if (sink === undefined) return undefined;
    const text = sink.decoder.write(written);
    if (text === '') return undefined;
    try {
      sink.write(text);
      return undefined;
    } catch (thrown) {
      return { stream: sink.name, thrown };
    }
  }

  /** The end of what the call under way wrote to stderr; what could steer a terminal is taken out. */
  stderrTail(): string {
    const text = this.#tail.toString('utf8').replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
    const isCut = this.#tail.length === TAIL_BYTES;
    return (isCut ? text.slice(text.indexOf('\n') + 1) : text).trimEnd();
  }

  /** Forgets half a character: the next call starts afresh. */
  callIsOver(): void {
    this.#tail = Buffer.alloc(0);
    for (const sink of this.#sinks) sink?.decoder.end();
  }
}

function sink(name: StreamName, option: OutputOption | undefined): Sink | undefined {
  if (option === undefined) return undefined;
  const stream = process[name];
  const write = option === 'inherit' ? (text: string): void => void stream.write(text) : option;
  return { name, write, decoder: new StringDecoder('utf8') };
}
