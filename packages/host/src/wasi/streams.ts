// Owns `wasi:io/streams` and `wasi:io/error`: the resources through which bytes go in and out of a guest.
import { WitError } from '../errors/classes.js';
import { Lifetime, Pollable, untilReady, type Waitable } from './waiting.js';

/** `resource error`: what a failed stream tells a guest. Never the text of an error of the host's. */
export class IoError {
  readonly #text: string;
  /** What `filesystem-error-code` and `http-error-code` find in it. */
  readonly filesystemCode: string | undefined;
  readonly httpCode: unknown;

  constructor(text: string, codes: { readonly filesystem?: string; readonly http?: unknown } = {}) {
    this.#text = text;
    this.filesystemCode = codes.filesystem;
    this.httpCode = codes.http;
  }

  toDebugString(): string {
    return this.#text;
  }
}

export type StreamError =
  | { readonly tag: 'closed' }
  | { readonly tag: 'last-operation-failed'; readonly val: IoError };

export const closed = (): WitError<StreamError> => new WitError({ tag: 'closed' });
export const failed = (error: IoError): WitError<StreamError> =>
  new WitError({ tag: 'last-operation-failed', val: error });

type Later<T> = T | Promise<T>;

/** Where an input stream's bytes come from. */
export interface Source extends Waitable {
  /**
   * At most `bytesMax` bytes, none if there are none now, `undefined` at the end. What it throws is a `failed()`,
   * after which it is not asked again.
   */
  read(bytesMax: number): Later<Uint8Array | undefined>;
  close(): void;
}

/** Where an output stream's bytes go. */
export interface Sink extends Waitable {
  /** How many bytes it takes now; throws `closed()` or `failed()`. */
  capacity(): number;
  write(bytes: Uint8Array): Later<void>;
  flush(): Later<void>;
  close(): void;
}

/** What one read or write moves at most; a guest that has more asks again. */
export const CHUNK_BYTES = 64 << 10;

const chunkOf = (bytes: bigint): number => Number(bytes < CHUNK_BYTES ? bytes : CHUNK_BYTES);

/** `resource input-stream`. */
export class InputStream {
  readonly #lifetime = new Lifetime();
  readonly #source: Source;
  readonly #ready: Waitable;

  constructor(source: Source) {
    this.#source = source;
    this.#ready = this.#lifetime.covering(source);
  }

  read(len: bigint): Later<Uint8Array> {
    if (this.#lifetime.isOver) throw closed();
    const got = guarded(this.#lifetime, () => this.#source.read(chunkOf(len)));
    return got instanceof Promise ? got.then((bytes) => this.#unlessOver(bytes)) : this.#unlessOver(got);
  }

  async blockingRead(len: bigint): Promise<Uint8Array> {
    for (;;) {
      const bytes = await this.read(len);
      if (bytes.length > 0 || len === 0n) return bytes;
      await untilReady(this.#ready);
    }
  }

  async skip(len: bigint): Promise<bigint> {
    return BigInt((await this.read(len)).length);
  }

  async blockingSkip(len: bigint): Promise<bigint> {
    return BigInt((await this.blockingRead(len)).length);
  }

  subscribe(): Pollable {
    return new Pollable(this.#ready);
  }

  [Symbol.dispose](): void {
    this.#lifetime.end();
    this.#source.close();
  }

  #unlessOver(bytes: Uint8Array | undefined): Uint8Array {
    if (bytes !== undefined) return bytes;
    this.#lifetime.end();
    throw closed();
  }
}

/** `resource output-stream`. */
export class OutputStream {
  readonly #lifetime = new Lifetime();
  readonly #sink: Sink;
  readonly #ready: Waitable;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.#ready = this.#lifetime.covering(sink);
  }

  checkWrite(): bigint {
    return BigInt(this.#capacity());
  }

  write(contents: Uint8Array): Later<void> {
    requireBytes(contents);
    if (contents.length > this.#capacity()) {
      throw new RangeError(`write was given ${contents.length} bytes, more than check-write permits`);
    }
    return guarded(this.#lifetime, () => this.#sink.write(contents));
  }

  /** More than the 4096 bytes that WASI asks for are welcome. */
  blockingWriteAndFlush(contents: Uint8Array): Later<void> {
    requireBytes(contents);
    if (contents.length > this.#capacity()) return this.#writeBitByBit(contents);
    const written = this.write(contents);
    return written instanceof Promise ? written.then(() => this.flush()) : this.flush();
  }

  async #writeBitByBit(contents: Uint8Array): Promise<void> {
    for (let at = 0; at < contents.length; ) {
      const room = this.#capacity();
      if (room === 0) await untilReady(this.#ready);
      else await this.write(contents.subarray(at, at + room));
      at += room;
    }
    await this.flush();
  }

  flush(): Later<void> {
    if (this.#lifetime.isOver) throw closed();
    return guarded(this.#lifetime, () => this.#sink.flush());
  }

  blockingFlush(): Later<void> {
    return this.flush();
  }

  subscribe(): Pollable {
    return new Pollable(this.#ready);
  }

  writeZeroes(len: bigint): Later<void> {
    return this.write(zeroes(len));
  }

  blockingWriteZeroesAndFlush(len: bigint): Later<void> {
    return this.blockingWriteAndFlush(zeroes(len));
  }

  async splice(source: InputStream, len: bigint): Promise<bigint> {
    const room = BigInt(this.#capacity());
    const bytes = await source.read(len < room ? len : room);
    await this.write(bytes);
    return BigInt(bytes.length);
  }

  async blockingSplice(source: InputStream, len: bigint): Promise<bigint> {
    if (this.#capacity() === 0) await untilReady(this.#ready);
    const room = BigInt(this.#capacity());
    const bytes = await source.blockingRead(len < room ? len : room);
    await this.write(bytes);
    return BigInt(bytes.length);
  }

  [Symbol.dispose](): void {
    this.#lifetime.end();
    this.#sink.close();
  }

  #capacity(): number {
    if (this.#lifetime.isOver) throw closed();
    return guarded(this.#lifetime, () => Math.min(this.#sink.capacity(), CHUNK_BYTES)) as number;
  }
}

/** A stream that failed once is closed from then on. */
function guarded<T>(lifetime: Lifetime, operation: () => Later<T>): Later<T> {
  const over = (error: unknown): never => {
    lifetime.end();
    throw error;
  };
  try {
    const got = operation();
    return got instanceof Promise ? got.catch(over) : got;
  } catch (error) {
    return over(error);
  }
}

/** What is counted must be bytes, and not something whose `length` says anything. */
export function requireBytes(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`expected bytes, got ${typeof value}`);
}

function zeroes(len: bigint): Uint8Array {
  if (len > CHUNK_BYTES)
    throw new RangeError(`write-zeroes was asked for ${len}, more than check-write permits`);
  return new Uint8Array(Number(len));
}
