// Owns the bodies of messages: `incoming-body`, `outgoing-body` and `future-trailers`.
import { WitError } from '../../errors/classes.js';
import type { Pipe } from '../pipe.js';
import { bytesSource, PulledSource, type ReaderLike, readerChunks } from '../sources.js';
import { InputStream, IoError, OutputStream } from '../streams.js';
import { ALWAYS_READY, Pollable } from '../waiting.js';
import { type HttpErrorCode, toHttpErrorCode } from './error-code.js';
import type { Fields } from './fields.js';

/** What has been taken once, is taken again, or is not there: `result` without an error's type. */
export const refused = (): WitError<undefined> => new WitError(undefined);

const ioError = (code: HttpErrorCode): IoError =>
  new IoError(`HTTP exchange failed: ${code.tag}`, { http: code });

/** A body as Fetch has it. */
export interface ReadableLike {
  getReader(): ReaderLike;
}

/** `resource incoming-body`: what a guest reads. */
export class IncomingBody {
  readonly #source: PulledSource | undefined;
  #isTaken = false;

  constructor(body: ReadableLike | null) {
    const explain = (error: unknown): IoError => ioError(toHttpErrorCode(error));
    this.#source = body === null ? undefined : new PulledSource(readerChunks(body.getReader()), explain);
  }

  static finish(body: IncomingBody): FutureTrailers {
    body[Symbol.dispose]();
    return new FutureTrailers();
  }

  stream(): InputStream {
    if (this.#isTaken) throw refused();
    this.#isTaken = true;
    return new InputStream(this.#source ?? bytesSource(new Uint8Array(0)));
  }

  /** Nothing more of it is wanted: the sender may stop. */
  [Symbol.dispose](): void {
    this.#source?.cancel();
  }
}

/** `resource future-trailers`: Fetch has none. */
export class FutureTrailers {
  #isTaken = false;

  subscribe(): Pollable {
    return new Pollable(ALWAYS_READY);
  }

  get(): unknown {
    if (this.#isTaken) return { tag: 'err', val: undefined };
    this.#isTaken = true;
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}

interface OutgoingBodyParts {
  readonly pipe: Pipe;
  /** What the header `content-length` promised. */
  readonly bytes: number | undefined;
  /** The case of `error-code` for another length. */
  readonly wrongSize: string;
  /** The guest has dropped it before it was finished. */
  readonly onUnfinished: () => void;
}

export const unfinished = (): TypeError => new TypeError('the guest did not finish the body');

/** `resource outgoing-body`: what a guest writes. */
export class OutgoingBody {
  readonly #parts: OutgoingBodyParts;
  #isTaken = false;
  #isFinished = false;

  constructor(parts: OutgoingBodyParts) {
    this.#parts = parts;
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    body.#finish(trailers);
  }

  write(): OutputStream {
    if (this.#isTaken) throw refused();
    this.#isTaken = true;
    return new OutputStream(this.#parts.pipe);
  }

  /** Dropped before it was finished, it is not whole, and whoever reads it learns that. */
  [Symbol.dispose](): void {
    if (!this.#isFinished) this.#parts.onUnfinished();
  }

  #finish(trailers: Fields | undefined): void {
    const { pipe } = this.#parts;
    const wrong = this.#whatIsWrong(trailers);
    if (wrong !== undefined) {
      pipe.break(new TypeError(`the guest finished the body wrongly: ${wrong.tag}`));
      throw new WitError(wrong);
    }
    this.#isFinished = true;
    pipe.end();
  }

  #whatIsWrong(trailers: Fields | undefined): HttpErrorCode | undefined {
    if (trailers !== undefined && trailers.entries().length > 0) {
      return { tag: 'internal-error', val: 'trailers are not supported' };
    }
    const { pipe, bytes, wrongSize } = this.#parts;
    const isPromised = bytes === undefined || bytes === pipe.written;
    return isPromised ? undefined : { tag: wrongSize, val: BigInt(pipe.written) };
  }
}

/** Lets a body's writer know that the exchange failed. */
export const refuseBody = (pipe: Pipe, code: HttpErrorCode): void => pipe.refuse(ioError(code));
