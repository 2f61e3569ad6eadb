// Owns `variant error-code` of `wasi:http/types`: what a guest hears of an exchange that failed.
import { WitError } from '../../errors/classes.js';

export type HttpErrorCode = { readonly tag: string; readonly val?: unknown };

export const DENIED: HttpErrorCode = { tag: 'HTTP-request-denied' };
export const INCOMPLETE: HttpErrorCode = { tag: 'HTTP-response-incomplete' };
/** The host's error texts are not for guests. */
export const INTERNAL: HttpErrorCode = { tag: 'internal-error', val: undefined };

/** Codes by which Node's `fetch` and its sockets tell why they failed. */
const CODES: Readonly<Record<string, HttpErrorCode>> = {
  ECONNREFUSED: { tag: 'connection-refused' },
  ECONNRESET: { tag: 'connection-terminated' },
  EPIPE: { tag: 'connection-terminated' },
  UND_ERR_SOCKET: { tag: 'connection-terminated' },
  ETIMEDOUT: { tag: 'connection-timeout' },
  UND_ERR_CONNECT_TIMEOUT: { tag: 'connection-timeout' },
  UND_ERR_HEADERS_TIMEOUT: { tag: 'HTTP-response-timeout' },
  UND_ERR_BODY_TIMEOUT: { tag: 'connection-read-timeout' },
  EHOSTUNREACH: { tag: 'destination-IP-unroutable' },
  ENETUNREACH: { tag: 'destination-IP-unroutable' },
  ENOTFOUND: { tag: 'DNS-error', val: { rcode: 'NXDOMAIN', infoCode: undefined } },
  EAI_AGAIN: { tag: 'DNS-timeout' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { tag: 'TLS-certificate-error' },
  SELF_SIGNED_CERT_IN_CHAIN: { tag: 'TLS-certificate-error' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { tag: 'TLS-certificate-error' },
  CERT_HAS_EXPIRED: { tag: 'TLS-certificate-error' },
  ERR_TLS_CERT_ALTNAME_INVALID: { tag: 'TLS-certificate-error' },
  HPE_INVALID_CONSTANT: { tag: 'HTTP-protocol-error' },
};

/** How far down the causes of an error are looked through. */
const CAUSES_MAX = 4;

/** A WitError says it itself; otherwise the error's code does, or that of a cause. */
export function toHttpErrorCode(thrown: unknown): HttpErrorCode {
  let error = thrown;
  for (let depth = 0; depth < CAUSES_MAX && error instanceof Error; depth++) {
    if (error instanceof WitError) return isErrorCode(error.payload) ? error.payload : INTERNAL;
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && Object.hasOwn(CODES, code)) return CODES[code]!;
    error = error.cause;
  }
  return INTERNAL;
}

const isErrorCode = (payload: unknown): payload is HttpErrorCode =>
  typeof payload === 'object' && payload !== null && typeof (payload as HttpErrorCode).tag === 'string';
