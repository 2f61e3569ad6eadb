// The host program: a server in front of a pool, many clients at once, and three of them that mean trouble.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { HypervisorUnavailableError, Pool } from '@hl/host';
import { quotes } from './gen/quotes.js';
import { createQuoteServer } from './server.js';

const CLIENTS = 200;

async function main(): Promise<void> {
  await using pool = await Pool.create({
    world: quotes,
    component: new URL('./plugin.wasm', import.meta.url),
    size: 4,
    limits: { timeoutMs: 300 },
  });
  const server = createQuoteServer(pool).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (query: string, signal?: AbortSignal): Promise<string> => {
    const response = await fetch(
      `http://127.0.0.1:${port}/?${query}`,
      signal === undefined ? {} : { signal },
    );
    return `${response.status} ${await response.text()}`;
  };

  const endless = ask('sku=moebius-strip');
  const impatient = ask('sku=moebius-strip', AbortSignal.timeout(100)).catch((error: Error) => error.name);
  const unknown = ask('sku=unicorn');
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => ask(`sku=chart&quantity=${index}`)),
  );

  for (const [quantity, text] of answers.entries()) assert.equal(text, `200 ${900 * quantity}`);
  console.log(`${CLIENTS} clients at once, each with the answer to its own question`);
  assert.match(await unknown, /^422 TrapError/);
  console.log('a question that makes the plug-in throw: 422');
  assert.match(await endless, /^504 TimeoutError/);
  console.log('a question without end: 504 after 300 ms');
  assert.equal(await impatient, 'TimeoutError');
  console.log('a client that hung up: its VM is free again');

  server.close();
  server.closeAllConnections();
  const { size, calls, lost } = pool.stats;
  assert.deepEqual({ size, calls, lost }, { size: 4, calls: CLIENTS, lost: 0 });
  console.log(`${size} VMs served ${calls} calls, and are as they were`);
}

main().catch((error: unknown) => {
  // The one failure that is no mistake of this program's; its message says what would help.
  if (!(error instanceof HypervisorUnavailableError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
