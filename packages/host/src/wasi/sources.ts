// Owns bytes on their way into a guest: those that are all there, and those that have to be waited for.
import { Buffer } from 'node:buffer';
import { failed, type IoError, type Source } from './streams.js';
import { ALWAYS_READY, Notifier } from './waiting.js';

/** All of `bytes`, from the start. */
export function bytesSource(bytes: Uint8Array): Source {
  let at = 0;
  return {
    ...ALWAYS_READY,
    read(bytesMax) {
      if (at === bytes.length) return undefined;
      const chunk = bytes.subarray(at, at + bytesMax);
      at += chunk.length;
      return chunk;
    },
    close: () => undefined,
  };
}

/** What hands out chunks one by one: an async iterator, or the reader of a `ReadableStream`. */
export interface Chunks {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Nothing more is wanted. */
  cancel(): unknown;
}

const NOTHING = new Uint8Array(0);

/** Asks for the next chunk only when the one before it is used up: at most one lies here. */
export class PulledSource implements Source {
  readonly #chunks: Chunks;
  readonly #explain: (error: unknown) => IoError;
  readonly #changed = new Notifier();
  #rest: Uint8Array = NOTHING;
  #isPulling = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  /** `explain` makes what the guest hears of a failure of `chunks`. */
  constructor(chunks: Chunks, explain: (error: unknown) => IoError) {
    this.#chunks = chunks;
    this.#explain = explain;
  }

  read(bytesMax: number): Uint8Array | undefined {
    if (this.#rest.length > 0) {
      const chunk = this.#rest.subarray(0, bytesMax);
      this.#rest = this.#rest.subarray(chunk.length);
      return chunk;
    }
    if (this.#failure !== undefined) throw failed(this.#explain(this.#failure.error));
    if (this.#isOver) return undefined;
    if (bytesMax > 0) this.#pull();
    return NOTHING;
  }

  isReady(): boolean {
    const isReady = this.#rest.length > 0 || this.#isOver || this.#failure !== undefined;
    if (!isReady) this.#pull();
    return isReady;
  }

  onChange(wake: () => void): () => void {
    return this.#changed.onChange(wake);
  }

  /** The chunks stay for who reads on later, such as the next call. */
  close(): void {
    this.#changed.notify();
  }

  cancel(): void {
    if (this.#isOver || this.#failure !== undefined) return;
    this.#isOver = true;
    this.#changed.notify();
    Promise.resolve(this.#chunks.cancel()).catch(() => undefined);
  }

  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    this.#take().then(
      () => this.#pulled(),
      (error: unknown) => {
        this.#failure = { error };
        this.#pulled();
      },
    );
  }

  async #take(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done === true) this.#isOver = true;
    else if (!this.#isOver) this.#rest = toBytes(value);
  }

  #pulled(): void {
    this.#isPulling = false;
    this.#changed.notify();
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`expected chunks of bytes or text, got ${chunk === null ? 'null' : typeof chunk}`);
}

/** What `ReadableStream.getReader()` answers, as far as it is used. */
export interface ReaderLike {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
}

export const readerChunks = (reader: ReaderLike): Chunks => ({
  next: () => reader.read(),
  cancel: () => reader.cancel(),
});

export const iteratorChunks = (iterator: AsyncIterator<unknown> | Iterator<unknown>): Chunks => ({
  next: async () => iterator.next(),
  cancel: async () => iterator.return?.(),
});
