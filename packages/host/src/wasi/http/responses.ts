// Owns the responses of `wasi:http/types`: those that a guest gets, and those that it gives.
import { WitError } from '../../errors/classes.js';
import { Pipe } from '../pipe.js';
import { IncomingBody, OutgoingBody, type ReadableLike, refused } from './bodies.js';
import { DENIED, type HttpErrorCode } from './error-code.js';
import { Fields } from './fields.js';

/** What is used of a Fetch `Response`. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: ReadableLike | null;
  readonly url: string;
}

/** What `fetch` has undone when it hands out the body, though the headers still say it. */
const OF_THE_ENCODED = new Set(['content-encoding', 'content-length']);

/** `resource incoming-response` */
export class IncomingResponse {
  readonly #response: ResponseLike;
  readonly #headers: Fields;
  #body: IncomingBody | undefined;

  constructor(response: ResponseLike) {
    this.#response = response;
    this.#headers = headersOf(response);
  }

  status(): number {
    return this.#response.status;
  }

  headers(): Fields {
    return this.#headers;
  }

  consume(): IncomingBody {
    if (this.#body !== undefined) throw refused();
    this.#body = new IncomingBody(this.#response.body);
    return this.#body;
  }

  /** A body that nobody asked for need not come. */
  [Symbol.dispose](): void {
    if (this.#body === undefined) new IncomingBody(this.#response.body)[Symbol.dispose]();
  }
}

function headersOf(response: ResponseLike): Fields {
  const headers = [...response.headers];
  // Only what came over the network has an address; a response that was made by hand is what it says.
  const isDecoded = response.url !== '' && headers.some(([name]) => name === 'content-encoding');
  return Fields.received(isDecoded ? headers.filter(([name]) => !OF_THE_ENCODED.has(name)) : headers);
}

const STATUS_MIN = 200;
const STATUS_MAX = 599;

/** `resource outgoing-response` */
export class OutgoingResponse {
  readonly #headers: Fields;
  #status = 200;
  #pipe: Pipe | undefined;

  constructor(headers: Fields) {
    this.#headers = headers.frozen();
  }

  get pipe(): Pipe | undefined {
    return this.#pipe;
  }

  statusCode(): number {
    return this.#status;
  }

  /** Those that a Fetch `Response` can have. */
  setStatusCode(status: number): void {
    if (status < STATUS_MIN || status > STATUS_MAX) throw refused();
    this.#status = status;
  }

  headers(): Fields {
    return this.#headers.clone().frozen();
  }

  body(): OutgoingBody {
    if (this.#pipe !== undefined) throw refused();
    this.#pipe = new Pipe(this.#headers.quota);
    return new OutgoingBody({
      pipe: this.#pipe,
      bytes: this.#headers.number('content-length'),
      wrongSize: 'HTTP-response-body-size',
      // It is told when the call is over, which may itself have failed and say why.
      onUnfinished: () => undefined,
    });
  }

  /** It has become a Fetch `Response`, or never will. */
  release(): void {
    this.#headers[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.release();
    this.#pipe?.refuse();
  }
}

export type Outcome =
  | { readonly tag: 'ok'; readonly val: OutgoingResponse }
  | { readonly tag: 'err'; readonly val: HttpErrorCode };

/** `resource response-outparam`: where a guest puts its answer. */
export class ResponseOutparam {
  readonly #onSet: (outcome: Outcome) => void;

  constructor(onSet: (outcome: Outcome) => void) {
    this.#onSet = onSet;
  }

  static set(param: ResponseOutparam, outcome: Outcome): void {
    param.#onSet(outcome);
  }

  /** A Fetch `Response` has no place for them. */
  sendInformational(): void {
    throw new WitError(DENIED);
  }
}
