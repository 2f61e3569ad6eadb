// Owns what becomes of the text that a guest writes to stdout and stderr.
import { Buffer } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { LimitError } from '../errors/classes.js';
import type { OutputTarget } from '../wasi/standard-streams.js';
import type { OutputOption } from './options.js';

export type StreamName = 'stdout' | 'stderr';

/** The call's own limit: a LimitError that a user's function throws is that function's failure. */
export class OverLimit {
  readonly error: LimitError;

  constructor(error: LimitError) {
    this.error = error;
  }
}

interface Sink {
  readonly name: StreamName;
  readonly write: (text: string) => void;
  /** Characters may be cut in two between two writes of the guest. */
  readonly decoder: StringDecoder;
  /** This process's own stream: it takes bytes as they are. */
  readonly inherited: NodeJS.WriteStream | undefined;
}

/** As much of a call's stderr as an error tells: what a program says last says why it stopped. */
const TAIL_BYTES = 4096;
const STDERR = 2;

/** What StarlingMonkey writes below the author's own error when `@hl/guest-js` ends a call: it tells nobody anything. */
const ENGINE_LINES = /(^|\n)"stopped"\nRedirecting call to abort\(\) to mozalloc_abort$/;

export class Output {
  readonly #sinks: readonly (Sink | undefined)[];
  #tail = Buffer.alloc(0);
  /** Bytes that the call under way has written to streams which the host serves. */
  #written = 0;

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
    if (sink.inherited !== undefined) {
      sink.inherited.write(written);
      return undefined;
    }
    const text = sink.decoder.write(written);
    if (text === '') return undefined;
    try {
      sink.write(text);
      return undefined;
    } catch (thrown) {
      return { stream: sink.name, thrown };
    }
  }

  /** The end of what the call under way wrote to stderr, without what could steer a terminal and what an engine adds. */
  stderrTail(): string {
    const text = this.#tail.toString('utf8').replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
    const isCut = this.#tail.length === TAIL_BYTES;
    const whole = isCut ? text.slice(text.indexOf('\n') + 1) : text;
    return whole.trimEnd().replace(ENGINE_LINES, '').trimEnd();
  }

  /**
   * Where the streams of a guest go that the host serves. A write throws what the sink threw, and an OverLimit where
   * the call has written more than `bytesMax`, which otherwise the VM counts.
   */
  target(bytesMax: number): OutputTarget {
    const drained = (stream: 1 | 2): boolean => this.#sinks[stream]?.inherited?.writableNeedDrain !== true;
    return {
      write: (stream, bytes) => {
        this.#written += bytes.length;
        if (this.#written > bytesMax) {
          const message = `the call went past limits.maxOutputBytes (${bytesMax}); raise it if the guest is trusted with more`;
          throw new OverLimit(new LimitError('maxOutputBytes', message));
        }
        const failure = this.write(stream, bytes);
        if (failure !== undefined) throw failure.thrown;
      },
      isReady: drained,
      onChange: (stream, wake) => {
        const inherited = this.#sinks[stream]?.inherited;
        inherited?.once('drain', wake);
        return () => void inherited?.off('drain', wake);
      },
    };
  }

  /** Forgets half a character: the next call starts afresh. */
  callIsOver(): void {
    this.#tail = Buffer.alloc(0);
    this.#written = 0;
    for (const sink of this.#sinks) sink?.decoder.end();
  }
}

function sink(name: StreamName, option: OutputOption | undefined): Sink | undefined {
  if (option === undefined) return undefined;
  const inherited = option === 'inherit' ? process[name] : undefined;
  const write = option === 'inherit' ? (text: string): void => void process[name].write(text) : option;
  return { name, write, decoder: new StringDecoder('utf8'), inherited };
}
