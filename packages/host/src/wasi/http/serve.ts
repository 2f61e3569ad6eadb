// Owns giving a guest a Fetch `Request` to answer: the `Response` is there as soon as its head is, its body follows.
import { WitError } from '../../errors/classes.js';
import type { Layout } from '../../sandbox/exports.js';
import type { AbortSignalLike } from '../../structural.js';
import type { BoundFunction } from '../../world/functions.js';
import { unfinished } from './bodies.js';
import type { FetchRequest, FetchResponse } from './fetch-types.js';
import { IncomingRequest, type RequestLike } from './requests.js';
import { type Outcome, type OutgoingResponse, ResponseOutparam } from './responses.js';

/** Calls the guest; it settles when that has returned. */
export type Call<Callee> = (
  callee: Callee,
  args: [IncomingRequest, ResponseOutparam],
  signal: AbortSignalLike | undefined,
) => Promise<unknown>;

const INTERFACE = /^wasi:http\/incoming-handler@0\.2\./;

/** The function that answers requests. */
export function handlerOf({ interfaces }: Pick<Layout, 'interfaces'>): BoundFunction {
  const handlers = interfaces.filter(([key]) => INTERFACE.test(key));
  const handle = handlers[0]?.[1].members.find(([key]) => key === 'handle');
  if (handle !== undefined) return handle[1];
  throw new TypeError(
    'fetch: the component does not export wasi:http/incoming-handler, so it answers no requests',
  );
}

/** Rejects with what the call rejected with, or a WitError with the error-code that the guest answered. */
export function serve<Callee>(
  request: FetchRequest,
  handle: Callee,
  call: Call<Callee>,
): Promise<FetchResponse> {
  const given = parseRequest(request);
  return new Promise((resolve, reject) => {
    let answer: OutgoingResponse | undefined;
    const outparam = new ResponseOutparam((outcome: Outcome) => {
      if (outcome.tag === 'err') {
        reject(new WitError(outcome.val));
        return;
      }
      answer = outcome.val;
      try {
        resolve(toFetch(answer));
      } catch (error) {
        reject(error);
      }
    });
    call(handle, [new IncomingRequest(given), outparam], given.signal).then(
      () => {
        // What is still open then nobody will write any more.
        answer?.pipe?.break(unfinished());
        reject(new TypeError('fetch: the guest returned without an answer'));
      },
      (error: unknown) => {
        answer?.pipe?.break(error);
        reject(error);
      },
    );
  });
}

function parseRequest(request: unknown): RequestLike {
  const { method, url, headers } = (request ?? {}) as Partial<RequestLike>;
  if (typeof method === 'string' && typeof url === 'string' && typeof headers === 'object') {
    return request as RequestLike;
  }
  throw new TypeError(`fetch: expected a Request, got ${request === null ? 'null' : typeof request}`);
}

/** Statuses whose responses have no body, by the rules of Fetch. */
const WITHOUT_BODY = new Set([204, 205, 304]);

function toFetch(answer: OutgoingResponse): FetchResponse {
  const status = answer.statusCode();
  const { pipe } = answer;
  const hasBody = pipe !== undefined && !WITHOUT_BODY.has(status);
  if (!hasBody) pipe?.ignore();
  const headers = answer.headers().toHeaders();
  answer.release();
  return new Response(hasBody ? pipe.readable() : null, { status, headers }) as unknown as FetchResponse;
}
