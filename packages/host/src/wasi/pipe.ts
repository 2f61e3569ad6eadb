// Owns the way of a body that a guest writes and JavaScript reads: bounded, so that who is slow is waited for.
import { closed, failed, IoError, type Sink } from './streams.js';
import { Notifier } from './waiting.js';

/** What lies between guest and reader at most. */
const PIPE_BYTES = 256 << 10;

type Fate =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended' }
  /** The reader learns of it. */
  | { readonly kind: 'broken'; readonly error: unknown }
  /** Nobody reads it any more; `error` is for the writer. */
  | { readonly kind: 'refused'; readonly error: IoError | undefined }
  /** Nobody will ever read it, and the writer need not know. */
  | { readonly kind: 'ignored' };

/** What a pipe may take that nobody reads yet is shared with all others like it. */
export interface Unread {
  readonly left: number;
  take(bytes: number): void;
  give(bytes: number): void;
}

export class Pipe implements Sink {
  /** None once somebody reads. */
  #unread: Unread | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #changed = new Notifier();
  #bytes = 0;
  #written = 0;
  #isBeingRead = false;
  #fate: Fate = { kind: 'open' };

  constructor(unread?: Unread) {
    this.#unread = unread;
  }

  /** How many bytes were ever written. */
  get written(): number {
    return this.#written;
  }

  get isEnded(): boolean {
    return this.#fate.kind === 'ended';
  }

  capacity(): number {
    switch (this.#fate.kind) {
      case 'open':
        if (this.#unread?.left === 0) throw failed(new IoError('too much is waiting to be sent'));
        return Math.max(0, Math.min(PIPE_BYTES - this.#bytes, this.#unread?.left ?? PIPE_BYTES));
      case 'ignored':
        return PIPE_BYTES;
      case 'refused':
        throw this.#fate.error === undefined ? closed() : failed(this.#fate.error);
      case 'ended':
      case 'broken':
        throw closed();
    }
  }

  write(bytes: Uint8Array): void {
    this.#written += bytes.length;
    if (this.#fate.kind !== 'open' || bytes.length === 0) return;
    this.#unread?.take(bytes.length);
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#changed.notify();
  }

  /** What is written is on its way; a reader may take its time. */
  flush(): void {}

  /** A stream that is dropped does not end the body: its owner does. */
  close(): void {}

  isReady(): boolean {
    return this.#fate.kind !== 'open' || this.#bytes < PIPE_BYTES;
  }

  onChange(wake: () => void): () => void {
    return this.#changed.onChange(wake);
  }

  end(): void {
    this.#settle({ kind: 'ended' });
  }

  break(error: unknown): void {
    this.#settle({ kind: 'broken', error });
  }

  refuse(error?: IoError): void {
    this.#settle({ kind: 'refused', error });
    this.#discard();
  }

  /**
   * Takes everything from now on and forgets it, if nobody has begun to read: the other side has answered without.
   * Who has begun reads on, as a proxy does that answers before all was sent.
   */
  ignore(): void {
    if (this.#isBeingRead) return;
    const isWhole = this.#fate.kind === 'ended' && this.#chunks.length === 0;
    if (this.#fate.kind === 'open' || (this.#fate.kind === 'ended' && !isWhole))
      this.#fate = { kind: 'ignored' };
    this.#changed.notify();
    this.#discard();
  }

  /** All that was written, once it has ended. */
  takeAll(): Uint8Array[] {
    const chunks = this.#chunks.splice(0);
    this.#discard();
    return chunks;
  }

  readable(): ReadableStream<Uint8Array> {
    this.#isRead();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          this.#isBeingRead = true;
          while (this.#chunks.length === 0 && this.#fate.kind === 'open') {
            await new Promise<void>((resolve) => this.#changed.onChange(resolve));
          }
          const chunk = this.#chunks.shift();
          if (chunk !== undefined) {
            this.#bytes -= chunk.length;
            this.#changed.notify();
            controller.enqueue(chunk);
          } else if (this.#fate.kind === 'broken') controller.error(this.#fate.error);
          else if (this.#fate.kind === 'ignored') {
            controller.error(
              new TypeError('the body was given up: nobody had read it when the request was answered'),
            );
          } else controller.close();
        },
        cancel: () => this.refuse(),
      },
      { highWaterMark: 0 },
    );
  }

  #settle(fate: Fate): void {
    if (this.#fate.kind !== 'open') return;
    this.#fate = fate;
    this.#changed.notify();
  }

  #isRead(): void {
    this.#unread?.give(this.#bytes);
    this.#unread = undefined;
  }

  #discard(): void {
    this.#isRead();
    this.#chunks.length = 0;
    this.#bytes = 0;
  }
}
