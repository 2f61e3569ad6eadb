// Owns stdin, stdout and stderr of a guest whose streams the host serves.
import { Buffer } from 'node:buffer';
import { bytesSource, iteratorChunks, PulledSource, type ReaderLike, readerChunks } from './sources.js';
import { CHUNK_BYTES, InputStream, IoError, OutputStream, type Source } from './streams.js';

interface ReadableStreamLike {
  getReader(): ReaderLike;
}

/** What a guest reads: all at once, from the start in every state; or bit by bit, each bit once. */
export type StdinOption =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | ReadableStreamLike;

/** Where text goes that a guest writes: 1 is stdout, 2 is stderr. */
export interface OutputTarget {
  write(stream: 1 | 2, bytes: Uint8Array): void;
  /** Whether more is welcome now. */
  isReady(stream: 1 | 2): boolean;
  onChange(stream: 1 | 2, wake: () => void): () => void;
}

export class Stdin {
  readonly #option: StdinOption;
  #pulled: PulledSource | undefined;
  /** Where the present state has got to. */
  #source: Source | undefined;

  constructor(option: StdinOption = '') {
    this.#option = option;
  }

  /** Each reads on where the one before it stopped. */
  stream(): InputStream {
    this.#source ??= this.#begin();
    return new InputStream(this.#source);
  }

  stateEnded(): void {
    this.#source = undefined;
  }

  close(): void {
    this.#pulled?.cancel();
  }

  /** Only now: what is read bit by bit may be shared with others, of which one reads. */
  #begin(): Source {
    const option = this.#option;
    if (typeof option === 'string') return bytesSource(Buffer.from(option));
    if (ArrayBuffer.isView(option)) return bytesSource(option);
    this.#pulled ??= pulled(option);
    return this.#pulled;
  }
}

function pulled(option: Exclude<StdinOption, string | Uint8Array>): PulledSource {
  const explain = (): IoError => new IoError('standard input failed');
  if ('getReader' in option) return new PulledSource(readerChunks(option.getReader()), explain);
  const iterator =
    Symbol.asyncIterator in option ? option[Symbol.asyncIterator]() : option[Symbol.iterator]();
  return new PulledSource(iteratorChunks(iterator), explain);
}

export const isStdin = (value: unknown): value is StdinOption =>
  typeof value === 'string' ||
  value instanceof Uint8Array ||
  (typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value || 'getReader' in value));

export function outputStream(stream: 1 | 2, target: OutputTarget): OutputStream {
  return new OutputStream({
    isReady: () => target.isReady(stream),
    onChange: (wake) => target.onChange(stream, wake),
    capacity: () => (target.isReady(stream) ? CHUNK_BYTES : 0),
    write: (bytes) => target.write(stream, bytes),
    flush: () => undefined,
    close: () => undefined,
  });
}
