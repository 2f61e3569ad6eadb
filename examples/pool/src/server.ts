// The HTTP server: each request is one call, in whichever VM of the pool is free.
import { createServer, type Server, type ServerResponse } from 'node:http';
import { LimitError, type Pool, TimeoutError, TrapError } from '@hl/host';
import type { QuotesExports } from './gen/quotes.js';

export function createQuoteServer(pool: Pool<QuotesExports>): Server {
  return createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const sku = searchParams.get('sku') ?? '';
    const quantity = Number(searchParams.get('quantity') ?? 1);
    // For a client that has hung up nothing is computed: its call is stopped, or leaves the queue.
    const gone = new AbortController();
    response.once('close', () => gone.abort('the client is gone'));
    const { exports } = pool.with({ signal: gone.signal });
    exports.quote(sku, quantity).then(
      (cents) => answer(response, 200, `${cents}`),
      (error: unknown) => answer(response, statusOf(error), String(error)),
    );
  });
}

/** Each failure has a class; its message is never looked at. */
function statusOf(error: unknown): number {
  if (error instanceof TypeError || error instanceof RangeError) return 400;
  if (error instanceof TrapError) return 422;
  if (error instanceof TimeoutError) return error.kind === 'queue' ? 503 : 504;
  return error instanceof LimitError && error.limit === 'maxQueue' ? 503 : 500;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}
