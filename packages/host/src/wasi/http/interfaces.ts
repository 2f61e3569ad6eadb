// Owns `wasi:http` as imports: its resources, and the function that takes a guest's requests.
import type { IoError } from '../streams.js';
import { FutureTrailers, IncomingBody, OutgoingBody } from './bodies.js';
import { Fields } from './fields.js';
import { FutureIncomingResponse, type HttpHandler, outgoingHandler } from './outgoing-handler.js';
import type { Quota } from './quota.js';
import { IncomingRequest, OutgoingRequest, RequestOptions } from './requests.js';
import { IncomingResponse, OutgoingResponse, ResponseOutparam } from './responses.js';

/** What guests make is counted in `quota`. */
export const httpInterfaces = (http: HttpHandler | undefined, quota: Quota): Record<string, object> => ({
  'wasi:http/types': {
    Fields: class extends Fields {
      constructor() {
        super(quota);
      }
    },
    FutureIncomingResponse,
    FutureTrailers,
    IncomingBody,
    IncomingRequest,
    IncomingResponse,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    RequestOptions,
    ResponseOutparam,
    httpErrorCode: (error: IoError) => error.httpCode,
  },
  'wasi:http/outgoing-handler': outgoingHandler(http),
});
