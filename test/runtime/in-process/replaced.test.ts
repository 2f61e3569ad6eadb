// What becomes of a sandbox in this process whose worker is ended: the calls after it are answered, and by their own.
import { setTimeout as delay } from 'node:timers/promises';
import { Sandbox } from '@hl/host/in-process';
import { expect, test } from 'vitest';
import { guestPath } from '../support/runtimes.js';

test.each([
  ['askAgain', /made again .* called its host functions more often/],
  ['spinThen', /made again .* took longer than 4000 ms/],
])('every call is told where the warm-up cannot be made again: %s', async (warm, message) => {
  const refused = { code: 'ERR_HL_COMPONENT_START', message: expect.stringMatching(message) };
  await using sandbox = await Sandbox.create({
    component: guestPath('in-process-changing'),
    imports: { 'test:changing/host': { wait: () => delay(500) } },
    limits: { timeoutMs: 2_000 },
    warmup: ({ exports }) => exports[warm]!(),
  });
  await expect(sandbox.with({ timeoutMs: 50 }).exports.spin!()).rejects.toMatchObject({
    code: 'ERR_HL_TIMEOUT',
  });
  await expect(sandbox.exports.answer!()).rejects.toMatchObject(refused);
  await expect(sandbox.exports.answer!()).rejects.toMatchObject(refused);
});

test('a call that is cancelled as its time ends does not end the next one', async () => {
  await using sandbox = await Sandbox.create({
    component: guestPath('in-process-changing'),
    imports: { 'test:changing/host': { wait: () => undefined } },
  });
  const stop = new AbortController();
  setTimeout(() => stop.abort('enough'), 47);
  const spinning = sandbox.with({ timeoutMs: 97, signal: stop.signal }).exports.spin!();
  const next = sandbox.exports.answer!();
  // Both timers are due then, and run in one turn of the event loop; which is first, is Node's matter.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await expect(spinning).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_HL_(ABORT|TIMEOUT)$/) });
  expect(await next).toBe(42);
});
