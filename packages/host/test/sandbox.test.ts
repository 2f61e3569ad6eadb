// A sandbox's order of work, its cancels, limits and end, with a stand-in for the VM.
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { AbortError, ClosedError, InternalError, LimitError, TimeoutError, TrapError } from '../src/index.ts';
import { createFake, type Fake, installFake } from './fake/world.ts';

let fake: Fake;
beforeEach(() => {
  fake = installFake();
});

describe('calls', () => {
  test('a direct call starts from the base state, a context keeps state until it is finished', async () => {
    const sandbox = await createFake();
    expect([await sandbox.exports.count(), await sandbox.exports.count()]).toEqual([1, 1]);
    const context = await sandbox.context();
    expect([await context.exports.count(), await context.exports.count()]).toEqual([1, 2]);
    await context.finish();
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('concurrent calls on one sandbox run one after the other, in order', async () => {
    const sandbox = await createFake();
    const order: number[] = [];
    const calls = [3, 1, 2].map((n) =>
      sandbox.exports.increment(n).then((value: number) => order.push(value)),
    );
    await Promise.all([sandbox.exports.countLater(), ...calls]);
    expect(order).toEqual([4, 2, 3]);
  });

  test('arguments are taken when the call is made, not when its turn comes', async () => {
    const sandbox = await createFake();
    const first = sandbox.exports.countLater();
    const second = sandbox.exports.increment(1);
    const third = sandbox.exports.increment(41);
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 42]);
  });

  test('a wrong argument rejects with its path, and nothing runs', async () => {
    const sandbox = await createFake();
    await expect(sandbox.exports.increment('1')).rejects.toThrow(
      new TypeError('args[0]: expected number (u8), got string'),
    );
    await expect(sandbox.exports.increment(256)).rejects.toBeInstanceOf(RangeError);
    await expect(sandbox.exports.increment(1, { timeoutMs: 5 })).rejects.toThrow('go to with()');
    expect(sandbox.stats.calls).toBe(0);
  });

  test('a trap says which, and the next call works', async () => {
    const sandbox = await createFake();
    const error = await sandbox.exports.trap().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TrapError);
    expect(error).toMatchObject({ code: 'ERR_HL_TRAP', trap: 'unreachable', wasmStack: 'f' });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('a reply that is no value of its type is the guest breaking the protocol', async () => {
    const sandbox = await createFake();
    const error = await sandbox.exports.lie().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InternalError);
    expect(error).toMatchObject({ code: 'ERR_HL_PROTOCOL' });
    expect(fake.binding.condemned).toEqual([1]);
  });

  test('more calls than maxQueue may wait are refused', async () => {
    const sandbox = await createFake({ limits: { maxQueue: 1 } });
    const calls = [sandbox.exports.countLater(), sandbox.exports.count()];
    const error = await sandbox.exports.count().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LimitError);
    expect(error).toMatchObject({ limit: 'maxQueue' });
    await Promise.all(calls);
  });

  test('stats add up what calls cost, and tell of the last one', async () => {
    const sandbox = await createFake();
    await sandbox.exports.count();
    await sandbox.exports.ask(1);
    expect(sandbox.stats).toMatchObject({ calls: 2, exits: 2, pages: 4, hostCalls: 1, resets: 2 });
    expect(sandbox.stats.lastCall).toMatchObject({ calls: 1, hostCalls: 1 });
  });
});

describe('timeouts', () => {
  test('a call that runs too long is a timeout of kind wall, and the next call works', async () => {
    const sandbox = await createFake();
    const error = await sandbox
      .with({ timeoutMs: 20 })
      .exports.loop()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ kind: 'wall', limitMs: 20 });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('a call that waits too long is a timeout of kind queue, and the one before it goes on', async () => {
    const sandbox = await createFake({ limits: { timeoutMs: 200 } });
    const first = sandbox.exports.loop().catch((thrown: unknown) => thrown);
    const error = await sandbox
      .with({ timeoutMs: 10 })
      .exports.count()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'queue', limitMs: 10 });
    expect(await first).toMatchObject({ kind: 'wall', limitMs: 200 });
  });

  test('each call in the queue has its own end, whichever was there first', async () => {
    const sandbox = await createFake();
    const first = sandbox.with({ timeoutMs: 150 }).exports.loop();
    const order: number[] = [];
    const waits = [60, 20, 40].map((timeoutMs) =>
      sandbox
        .with({ timeoutMs })
        .exports.count()
        .catch((thrown: TimeoutError) => order.push(thrown.limitMs)),
    );
    await Promise.all(waits);
    expect(order).toEqual([20, 40, 60]);
    await expect(first).rejects.toMatchObject({ kind: 'wall' });
  });

  test('time in the queue counts', async () => {
    const sandbox = await createFake();
    const first = sandbox
      .with({ timeoutMs: 60 })
      .exports.loop()
      .catch(() => undefined);
    await sandbox.with({ timeoutMs: 60_000 }).exports.count();
    await first;
    // Timers may be early by less than a millisecond.
    expect(fake.binding.sandboxes[0]!.timeoutMs).toBeLessThan(60_000 - 58);
  });
});

describe('signals', () => {
  test('an already aborted signal runs nothing', async () => {
    const sandbox = await createFake();
    const signal = AbortSignal.abort('no more');
    const error = await sandbox
      .with({ signal })
      .exports.count()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: 'AbortError', cause: 'no more' });
    expect(fake.binding.sandboxes[0]!.stats.calls).toBe(0);
  });

  test('aborting a call that runs rejects at once, and the next call works', async () => {
    const sandbox = await createFake();
    const abort = new AbortController();
    const call = sandbox.with({ signal: abort.signal }).exports.loop();
    abort.abort(new Error('enough'));
    await expect(call).rejects.toMatchObject({ code: 'ERR_HL_ABORT', cause: new Error('enough') });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('aborting a call that waits takes it out of the queue', async () => {
    const sandbox = await createFake();
    const abort = new AbortController();
    const first = sandbox.exports.countLater();
    const call = sandbox.with({ signal: abort.signal }).exports.count();
    abort.abort();
    await expect(call).rejects.toBeInstanceOf(AbortError);
    expect(await first).toBe(1);
    expect(fake.binding.sandboxes[0]!.stats.calls).toBe(1);
  });

  test('listeners are taken off again', async () => {
    const sandbox = await createFake();
    const { signal } = new AbortController();
    const view = sandbox.with({ signal });
    await Promise.all([
      view.exports.countLater(),
      view.exports.count(),
      view.exports.trap().catch(() => undefined),
    ]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('output', () => {
  test('text of the guest reaches stdout', async () => {
    let text = '';
    const sandbox = await createFake({
      stdout: (part) => {
        text += part;
      },
    });
    await sandbox.exports.say();
    expect(text).toBe('hello');
  });

  test('a stdout function that throws fails the call', async () => {
    const sandbox = await createFake({
      stdout: () => {
        throw new Error('full');
      },
    });
    await expect(sandbox.exports.say()).rejects.toMatchObject({ import: 'stdout', cause: new Error('full') });
    expect(await sandbox.exports.count()).toBe(1);
  });
});

describe('closing', () => {
  test('calls under way and waiting reject, later ones too, and closing twice is one', async () => {
    const sandbox = await createFake();
    const calls = [sandbox.exports.loop(), sandbox.exports.count()].map((call) =>
      call.catch((thrown: unknown) => thrown),
    );
    expect(sandbox.close()).toBe(sandbox.close());
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ClosedError);
    await sandbox.close();
    await expect(sandbox.exports.count()).rejects.toBeInstanceOf(ClosedError);
    await expect(sandbox.context()).rejects.toBeInstanceOf(ClosedError);
    expect(sandbox.stats.calls).toBe(0);
  });

  test('an open context may be finished after its sandbox was closed', async () => {
    const sandbox = await createFake();
    const context = await sandbox.context();
    await sandbox.close();
    await context.finish();
  });

  test('a VM that dies by itself rejects what was under way', async () => {
    const sandbox = await createFake();
    const call = sandbox.exports.loop();
    fake.binding.close(1);
    await expect(call).rejects.toBeInstanceOf(ClosedError);
    await sandbox.close();
  });

  test('the event loop is held while something is in flight, and only then', async () => {
    const sandbox = await createFake();
    const [vm] = fake.binding.sandboxes;
    expect(vm!.held).toBe(false);
    const call = sandbox.exports.countLater();
    expect(vm!.held).toBe(true);
    await call;
    expect(vm!.held).toBe(false);
  });
});
