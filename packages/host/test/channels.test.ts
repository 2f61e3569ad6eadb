// What is told on the diagnostics channels, and that nothing is while nobody listens.
import diagnostics from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallMessage, ResetMessage, SandboxMessage } from '../src/index.ts';
import { TrapError, WitError } from '../src/index.ts';
import { createFake, installFake } from './fake/world.ts';

beforeEach(() => {
  installFake();
});

const listeners: (() => void)[] = [];
afterEach(() => {
  for (const stop of listeners.splice(0)) stop();
});

function listen<Message>(name: string): Message[] {
  const messages: Message[] = [];
  const listener = (message: unknown): void => void messages.push(message as Message);
  diagnostics.subscribe(name, listener);
  listeners.push(() => diagnostics.unsubscribe(name, listener));
  return messages;
}

test('a call tells where its time went, by name', async () => {
  const calls = listen<CallMessage>('hl:call');
  const sandbox = await createFake();
  await sandbox.exports.ask(1);
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({
    name: 'ask',
    inContext: false,
    error: undefined,
    micros: 10,
    queueMicros: 0,
    wakeMicros: 1,
    hostMicros: 2,
    guestMicros: 7,
    hostCalls: 1,
    exits: 1,
    pages: 2,
  });
  expect(calls[0]!.totalMicros).toBeGreaterThan(0);
});

test('a call that waited tells how long, one that failed why, one in a context that it was', async () => {
  const calls = listen<CallMessage>('hl:call');
  const sandbox = await createFake();
  const first = sandbox.exports.countLater();
  await Promise.all([first, sandbox.exports.count()]);
  await sandbox.exports.trap().catch(() => undefined);
  const context = await sandbox.context();
  await context.exports.count();
  await context.finish();
  expect(calls.map(({ name }) => name)).toEqual(['count-later', 'count', 'trap', 'count']);
  expect(calls[1]!.queueMicros).toBeGreaterThan(1_000);
  expect(calls[1]!.totalMicros).toBeGreaterThan(calls[1]!.queueMicros);
  expect(calls[2]).toMatchObject({ micros: 0, error: expect.any(TrapError) });
  expect(calls.map(({ inContext }) => inContext)).toEqual([false, false, false, true]);
});

test("the err case of a result is told as the caller's error, with the call's times", async () => {
  const calls = listen<CallMessage>('hl:call');
  const tryCount = () => {
    throw new WitError('none left');
  };
  const sandbox = await createFake({ imports: { stock: { count: tryCount, tryCount } } });
  await sandbox.exports.askResult(1).catch(() => undefined);
  expect(calls[0]).toMatchObject({ micros: 10, error: expect.any(WitError) });
});

test('resets are told after their calls, and a sandbox when it is there and when it is gone', async () => {
  const resets = listen<ResetMessage>('hl:reset');
  const sandboxes = listen<SandboxMessage>('hl:sandbox');
  const sandbox = await createFake();
  await sandbox.exports.count();
  await sandbox.exports.count();
  await sandbox.close();
  const own = resets.filter((one) => one.sandbox === sandboxes[0]!.sandbox);
  expect(own.reduce((sum, one) => sum + one.resets, 0)).toBe(2);
  expect(sandboxes.map(({ kind }) => kind)).toEqual(['created', 'closed']);
  expect(sandboxes[0]!.component).toBe(sandbox.component.hash);
  expect(sandboxes[1]!.sandbox).toBe(sandboxes[0]!.sandbox);
});

test('who begins to listen in the middle of a call is told of the next one', async () => {
  const sandbox = await createFake();
  const call = sandbox.exports.countLater();
  const calls = listen<CallMessage>('hl:call');
  await call;
  expect(calls).toEqual([]);
  await sandbox.exports.count();
  expect(calls.map(({ name }) => name)).toEqual(['count']);
});

test('what a sandbox and a context did is summed up, and the last call stands by itself', async () => {
  const sandbox = await createFake();
  await sandbox.exports.ask(1);
  const context = await sandbox.context();
  await context.exports.count();
  await context.exports.ask(2);
  expect(await context.finish()).toEqual({
    calls: 2,
    micros: 20,
    queueMicros: 0,
    wakeMicros: 2,
    guestMicros: 16,
    hostMicros: 2,
    hostCalls: 1,
    exits: 2,
    pages: 4,
  });
  expect(sandbox.stats).toMatchObject({ calls: 3, micros: 30, hostMicros: 4, hostCalls: 2 });
  expect(sandbox.stats.lastCall).toMatchObject({ calls: 1, micros: 10, hostMicros: 2, resetMicros: 0 });
});
