// Owns the requests of `wasi:http/types`: those that a guest makes, and those that it is given to answer.
import type { AbortSignalLike } from '../../structural.js';
import { Pipe } from '../pipe.js';
import { IncomingBody, OutgoingBody, type ReadableLike, refused, unfinished } from './bodies.js';
import { Fields } from './fields.js';

export type Method = { readonly tag: string; readonly val?: string };
export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' | 'other'; readonly val?: string };

const METHODS = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may stand in a path with its query; the rest has to be escaped. */
const PATH = /^[/?*][\x21-\x7e]*$/;
/** What each text of a request may take; servers allow less. */
const TEXT_MAX = 16 << 10;
const isTooLong = (text: string): boolean => text.length > TEXT_MAX;
const AUTHORITY = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]+$/;

export const toMethod = (method: string): Method => {
  const tag = method.toLowerCase();
  return METHODS.has(tag) && method === method.toUpperCase() ? { tag } : { tag: 'other', val: method };
};
export const fromMethod = ({ tag, val }: Method): string =>
  tag === 'other' ? (val ?? '') : tag.toUpperCase();

/** `resource outgoing-request` */
export class OutgoingRequest {
  readonly #headers: Fields;
  #method: Method = { tag: 'get' };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;
  /** There is one once the guest has asked for it. */
  #pipe: Pipe | undefined;
  /** What its texts have taken of the quota. */
  #taken = 0;

  constructor(headers: Fields) {
    this.#headers = headers.frozen();
  }

  get pipe(): Pipe | undefined {
    return this.#pipe;
  }

  body(): OutgoingBody {
    if (this.#pipe !== undefined) throw refused();
    const pipe = new Pipe(this.#headers.quota);
    this.#pipe = pipe;
    return new OutgoingBody({
      pipe,
      bytes: this.#headers.number('content-length'),
      wrongSize: 'HTTP-request-body-size',
      onUnfinished: () => pipe.break(unfinished()),
    });
  }

  method(): Method {
    return this.#method;
  }

  setMethod(method: Method): void {
    const name = fromMethod(method);
    if (isTooLong(name) || !TOKEN.test(name)) throw refused();
    this.#count(this.#method.val, method.val);
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    if (path !== undefined && path !== '' && (isTooLong(path) || !PATH.test(path))) throw refused();
    this.#count(this.#path, path);
    this.#path = path;
  }

  scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): void {
    const other = scheme?.tag === 'other' ? (scheme.val ?? '') : 'http';
    if (isTooLong(other) || !/^[a-z][a-z0-9+.-]*$/i.test(other)) throw refused();
    this.#count(this.#scheme?.val, scheme?.val);
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    if (authority !== undefined && (isTooLong(authority) || !AUTHORITY.test(authority))) throw refused();
    this.#count(this.#authority, authority);
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers.clone().frozen();
  }

  /** It has become a Fetch `Request`, or never will. */
  release(): void {
    this.#headers.quota.give(this.#taken);
    this.#taken = 0;
    this.#headers[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.release();
    this.#pipe?.refuse();
  }

  #count(before = '', after = ''): void {
    const { quota } = this.#headers;
    quota.take(after.length);
    quota.give(before.length);
    this.#taken += after.length - before.length;
  }
}

/** `resource request-options` */
export class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

/** What is used of a Fetch `Request`. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<[string, string]>;
  readonly body: ReadableLike | null;
  readonly signal?: AbortSignalLike;
}

/** `resource incoming-request`: one that JavaScript asks a guest to answer. */
export class IncomingRequest {
  readonly #request: RequestLike;
  readonly #url: URL;
  readonly #headers: Fields;
  #isTaken = false;

  constructor(request: RequestLike) {
    this.#request = request;
    this.#url = new URL(request.url);
    this.#headers = Fields.received(request.headers);
  }

  method(): Method {
    return toMethod(this.#request.method);
  }

  pathWithQuery(): string {
    return this.#url.pathname + this.#url.search;
  }

  scheme(): Scheme {
    const name = this.#url.protocol.slice(0, -1);
    return name === 'http' || name === 'https'
      ? { tag: name === 'http' ? 'HTTP' : 'HTTPS' }
      : { tag: 'other', val: name };
  }

  authority(): string | undefined {
    return this.#url.host === '' ? undefined : this.#url.host;
  }

  headers(): Fields {
    return this.#headers;
  }

  consume(): IncomingBody {
    if (this.#isTaken) throw refused();
    this.#isTaken = true;
    return new IncomingBody(this.#request.body);
  }
}
