// Owns what becomes of a request that a guest makes: the user's function answers it, or nobody.
import { Buffer } from 'node:buffer';
import { WitError } from '../../errors/classes.js';
import type { Pipe } from '../pipe.js';
import { Notifier, Pollable } from '../waiting.js';
import { refuseBody } from './bodies.js';
import { DENIED, type HttpErrorCode, toHttpErrorCode } from './error-code.js';
import type { FetchRequest, FetchResponse } from './fetch-types.js';
import { fromMethod, type OutgoingRequest, type RequestOptions } from './requests.js';
import { IncomingResponse, type ResponseLike } from './responses.js';

/** Answers the requests of a guest, or throws; `fetch` is one such function. */
export type HttpHandler = (request: FetchRequest) => FetchResponse | Promise<FetchResponse>;

type Handle = (request: OutgoingRequest, options: RequestOptions | undefined) => FutureIncomingResponse;

/** Requests of one guest that are not answered yet. */
const REQUESTS_MAX = 100;

export function outgoingHandler(http: HttpHandler | undefined): { readonly handle: Handle } {
  let pending = 0;
  const counted =
    http &&
    (async (request: FetchRequest) => {
      pending++;
      try {
        return await http(request);
      } finally {
        pending--;
      }
    });
  return {
    handle(request, options) {
      if (counted === undefined) throw invalid(DENIED, request);
      if (pending >= REQUESTS_MAX) throw invalid({ tag: 'connection-limit-reached' }, request);
      return new FutureIncomingResponse(counted, request, options);
    },
  };
}

const NS_PER_MS = 1_000_000n;
const TIMER_MS_MAX = 0x7fff_ffff;

/** `resource future-incoming-response` */
export class FutureIncomingResponse {
  readonly #changed = new Notifier();
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #outcome:
    | { readonly tag: 'ok'; readonly val: IncomingResponse }
    | { readonly tag: 'err'; readonly val: HttpErrorCode }
    | undefined;
  /** What the user's function answered was no response: that is the user's to hear, not the guest's. */
  #mistake: TypeError | undefined;
  #isTaken = false;

  constructor(http: HttpHandler, request: OutgoingRequest, options: RequestOptions | undefined) {
    const fetchRequest = toFetch(request, this.#abort.signal);
    request.release();
    const withinNs = options?.firstByteTimeout();
    if (withinNs !== undefined) {
      const ms = withinNs / NS_PER_MS;
      const timer = setTimeout(
        () => this.#failed(request, { tag: 'HTTP-response-timeout' }),
        ms < TIMER_MS_MAX ? Number(ms) : TIMER_MS_MAX,
      );
      this.#timer = timer;
    }
    Promise.resolve(http(fetchRequest)).then(
      (response) => this.#answered(request, response),
      (error: unknown) => this.#failed(request, toHttpErrorCode(error)),
    );
  }

  subscribe(): Pollable {
    return new Pollable({
      isReady: () => this.#outcome !== undefined || this.#mistake !== undefined,
      onChange: (wake) => this.#changed.onChange(wake),
    });
  }

  /** `get() -> option<result<result<incoming-response, error-code>>>` */
  get(): unknown {
    if (this.#mistake !== undefined) throw this.#mistake;
    if (this.#outcome === undefined) return undefined;
    if (this.#isTaken) return { tag: 'err', val: undefined };
    this.#isTaken = true;
    return { tag: 'ok', val: this.#outcome };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    if (this.#isTaken) return;
    this.#isTaken = true;
    if (this.#outcome?.tag === 'ok') this.#outcome.val[Symbol.dispose]();
    this.#abort.abort();
  }

  #answered(request: OutgoingRequest, response: FetchResponse): void {
    clearTimeout(this.#timer);
    // Whatever of the body was not read by now: the answer does not depend on it.
    request.pipe?.ignore();
    // Too late: the guest has dropped it, or waited long enough.
    const isLate = this.#isTaken || this.#outcome !== undefined;
    try {
      const val = incoming(response);
      if (isLate) val[Symbol.dispose]();
      else this.#outcome = { tag: 'ok', val };
    } catch (error) {
      // Nobody is left to hear what is wrong with a late one.
      if (isLate) return;
      this.#mistake =
        error instanceof TypeError ? error : new TypeError('wasi.http: a bad Response', { cause: error });
    }
    this.#changed.notify();
  }

  #failed(request: OutgoingRequest, code: HttpErrorCode): void {
    clearTimeout(this.#timer);
    if (request.pipe !== undefined) refuseBody(request.pipe, code);
    if (this.#outcome !== undefined) return;
    this.#outcome = { tag: 'err', val: code };
    this.#abort.abort();
    this.#changed.notify();
  }
}

/** Throws a TypeError for what is no response, or one that cannot be passed on. */
function incoming(response: unknown): IncomingResponse {
  if (!isResponse(response)) {
    throw new TypeError(
      `wasi.http: expected the function to answer a Response, got ${response === null ? 'null' : typeof response}`,
    );
  }
  // Looked at now: later it would fail where the guest reads it, or drops it.
  const body = response.body as { readonly locked?: boolean; readonly getReader?: unknown } | null;
  if (body !== null && (typeof body.getReader !== 'function' || body.locked === true)) {
    throw new TypeError('wasi.http: the body of the Response is no ReadableStream that nobody has read');
  }
  return new IncomingResponse(response);
}

function isResponse(value: unknown): value is ResponseLike {
  const { status, headers, body } = (value ?? {}) as Partial<ResponseLike>;
  return typeof status === 'number' && isIterable(headers) && body !== undefined;
}

const isIterable = (value: unknown): boolean =>
  typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function';

/** Redirects are answers, not orders: each hop is a request that the guest has to make, and policy gets to see. */
function toFetch(request: OutgoingRequest, signal: AbortSignal): FetchRequest {
  const method = fromMethod(request.method());
  const scheme = request.scheme();
  const name =
    scheme === undefined || scheme.tag === 'HTTPS' ? 'https' : scheme.tag === 'HTTP' ? 'http' : scheme.val;
  const authority = request.authority();
  if (authority === undefined) throw invalid({ tag: 'HTTP-request-URI-invalid' }, request);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const { pipe } = request;
  if (pipe !== undefined && !hasBody) pipe.refuse();
  try {
    return new Request(`${name}://${authority}${pathOf(request)}`, {
      method,
      headers: request.headers().toHeaders(),
      redirect: 'manual',
      signal,
      ...(pipe !== undefined && hasBody ? { body: bodyOf(pipe), duplex: 'half' } : {}),
    }) as unknown as FetchRequest;
  } catch {
    throw invalid(
      isMethod(method) ? { tag: 'HTTP-request-URI-invalid' } : { tag: 'HTTP-request-method-invalid' },
      request,
    );
  }
}

/** What is already whole goes as bytes, so that its length is known. */
function bodyOf(pipe: Pipe): Uint8Array | ReadableStream<Uint8Array> {
  return pipe.isEnded ? Buffer.concat(pipe.takeAll()) : pipe.readable();
}

function pathOf(request: OutgoingRequest): string {
  const path = request.pathWithQuery() ?? '/';
  return path === '' || path.startsWith('?') ? `/${path}` : path;
}

/** Fetch refuses these. */
const isMethod = (method: string): boolean => !/^(connect|trace|track)$/i.test(method);

function invalid(code: HttpErrorCode, request: OutgoingRequest): WitError<HttpErrorCode> {
  request[Symbol.dispose]();
  return new WitError(code);
}
