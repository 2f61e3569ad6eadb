// A sandbox's order of work, its contexts, cancels and limits, with a stand-in for the VM.
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  AbortError,
  ClosedError,
  ContextOpenError,
  HostFunctionError,
  InternalError,
  LimitError,
  ReentrancyError,
  type Sandbox,
  TimeoutError,
  TrapError,
  WitError,
} from '../src/index.ts';
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
    const started = performance.now();
    const error = await sandbox
      .with({ timeoutMs: 100 })
      .exports.loop()
      .catch((thrown: unknown) => thrown);
    await first;
    expect(error).toMatchObject({ kind: 'wall', limitMs: 100 });
    expect(performance.now() - started).toBeLessThan(150);
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

describe('contexts', () => {
  test('while one is open, a direct call and a second context are refused at once', async () => {
    const sandbox = await createFake();
    const context = await sandbox.context();
    await expect(sandbox.exports.count()).rejects.toBeInstanceOf(ContextOpenError);
    const error = await sandbox.context().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_HL_CONTEXT_OPEN',
      hint: expect.stringMatching(/finish\(\).*fork\(n\).*Pool/),
    });
    await context.finish();
  });

  test('it opens after the direct calls before it, and finishes after its own calls', async () => {
    const sandbox = await createFake();
    const direct = sandbox.exports.countLater();
    const context = await sandbox.context();
    expect(await direct).toBe(1);
    const inside = [context.exports.countLater(), context.exports.count()];
    const stats = await context.finish();
    expect(await Promise.all(inside)).toEqual([1, 2]);
    expect(stats).toMatchObject({ calls: 2 });
  });

  test('finish is idempotent, and so is disposing', async () => {
    const sandbox = await createFake();
    const context = await sandbox.context();
    expect(context.finish()).toBe(context.finish());
    await context[Symbol.asyncDispose]();
    await expect(context.exports.count()).rejects.toBeInstanceOf(ClosedError);
    expect(await sandbox.exports.count()).toBe(1);
  });

  test.each([
    ['a trap', (context: Awaited<ReturnType<Sandbox['context']>>) => context.exports.trap()],
    [
      'a timeout',
      (context: Awaited<ReturnType<Sandbox['context']>>) => context.with({ timeoutMs: 10 }).exports.loop(),
    ],
    [
      'a cancel',
      (context: Awaited<ReturnType<Sandbox['context']>>) =>
        context.with({ signal: AbortSignal.timeout(10) }).exports.loop(),
    ],
  ])('%s ends it: its state is gone, and no later call may count on it', async (_name, fail) => {
    const sandbox = await createFake();
    const context = await sandbox.context();
    await context.exports.count();
    const failed = fail(context).catch((thrown: unknown) => thrown);
    const behind = context.exports.count().catch((thrown: unknown) => thrown);
    const cause = await failed;
    expect(await behind).toMatchObject({ code: 'ERR_HL_CLOSED', cause });
    await expect(context.exports.count()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED', cause });
    expect(await sandbox.exports.count()).toBe(1);
    expect(await context.finish()).toMatchObject({ calls: 1 });
  });

  test('what a warm-up does is part of the base state', async () => {
    const sandbox = await createFake({
      warmup: async (context) => {
        await context.exports.count();
        await context.exports.count();
      },
    });
    expect([await sandbox.exports.count(), await sandbox.exports.count()]).toEqual([3, 3]);
  });

  test('a warm-up that fails is why create rejects, also where it caught the failure itself', async () => {
    await expect(
      createFake({
        warmup: async (context) => {
          await context.exports.trap().catch(() => undefined);
        },
      }),
    ).rejects.toBeInstanceOf(TrapError);
    expect(fake.binding.sandboxes[0]!.closed).toBe(true);
  });
});

describe('host functions', () => {
  const stock = (count: (n: number) => unknown, tryCount: (n: number) => unknown = count) => ({
    imports: { 'acme:shop/stock': { count, tryCount } },
  });

  test('sync and async ones answer', async () => {
    const sync = await createFake(stock((n) => n * 2));
    const async = await createFake(stock(async (n) => n * 3));
    expect([await sync.exports.ask(7), await async.exports.ask(7)]).toEqual([14, 21]);
  });

  test('`this` is the object that was given', async () => {
    class Stock {
      #factor = 5;
      count(n: number) {
        return n * this.#factor;
      }
      tryCount = (n: number) => n;
    }
    const sandbox = await createFake({ imports: { stock: new Stock() } });
    expect(await sandbox.exports.ask(2)).toBe(10);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('out of stock');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('out of stock');
      },
    ],
  ])('one that %s fails the call with its cause, and the next call works', async (_name, count) => {
    const sandbox = await createFake(stock(count));
    const error = await sandbox.exports.ask(1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HostFunctionError);
    expect(error).toMatchObject({ import: 'acme:shop/stock@1.0.0#count', cause: new Error('out of stock') });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('one that throws what cannot be looked at fails its call, and nothing else', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const secretive = new Error();
    Object.defineProperty(secretive, 'message', {
      get() {
        throw new Error('no');
      },
    });
    for (const thrown of [revoked.proxy, secretive]) {
      const sandbox = await createFake(
        stock(() => {
          throw thrown;
        }),
      );
      const error = await sandbox.exports.ask(1).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(HostFunctionError);
      expect((error as HostFunctionError).message).toContain('something that cannot be looked at');
      expect((error as HostFunctionError).cause === thrown).toBe(true);
    }
  });

  test('one that answers a value of another type fails the call with the path', async () => {
    const sandbox = await createFake(stock(() => 'seven'));
    await expect(sandbox.exports.ask(1)).rejects.toMatchObject({
      code: 'ERR_HL_HOST_FUNCTION',
      cause: new TypeError('result: expected number (u8), got string'),
    });
  });

  test('a WitError answers the err case of a result, where there is one', async () => {
    const sandbox = await createFake(
      stock(() => {
        throw new WitError('none left');
      }),
    );
    const error = await sandbox.exports.askResult(1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WitError);
    expect(error).toMatchObject({ payload: 'none left' });
    await expect(sandbox.exports.ask(1)).rejects.toBeInstanceOf(HostFunctionError);
  });

  test('arguments that are no values of its types never reach it', async () => {
    const seen: unknown[] = [];
    const sandbox = await createFake(stock((n) => seen.push(n)));
    await expect(sandbox.exports.askWrongly()).rejects.toMatchObject({ code: 'ERR_HL_PROTOCOL' });
    expect(seen).toEqual([]);
    expect(fake.binding.condemned).toEqual([1]);
  });

  test('one that never settles is stopped by timeoutMs', async () => {
    const sandbox = await createFake(stock(() => new Promise(() => undefined)));
    const error = await sandbox
      .with({ timeoutMs: 20 })
      .exports.ask(1)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: 'wall',
      message: expect.stringContaining('acme:shop/stock@1.0.0#count had not answered'),
    });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('one that calls back into its own sandbox after an await ends by time, and is told why', async () => {
    const own: { sandbox?: Sandbox } = {};
    const inner: Promise<unknown>[] = [];
    const count = async (n: number) => {
      await Promise.resolve();
      inner.push(own.sandbox!.with({ timeoutMs: 20 }).exports.count());
      return inner[0]!.then(() => n);
    };
    own.sandbox = await createFake(stock(count));
    await expect(own.sandbox.exports.ask(1)).rejects.toBeInstanceOf(HostFunctionError);
    await expect(inner[0]).rejects.toMatchObject({
      kind: 'queue',
      message: expect.stringContaining('waited for itself'),
    });
  });

  test('one that settles after its call is over changes nothing', async () => {
    let settle: ((value: number) => void) | undefined;
    const sandbox = await createFake(
      stock(
        () =>
          new Promise<number>((resolve) => {
            settle = resolve;
          }),
      ),
    );
    await sandbox
      .with({ timeoutMs: 20 })
      .exports.ask(1)
      .catch(() => undefined);
    const next = sandbox.exports.countLater();
    settle?.(3);
    expect(await next).toBe(1);
  });

  test('calling back into its own sandbox synchronously is refused, another sandbox is fair game', async () => {
    const other = await createFake();
    const refused: unknown[] = [];
    const own: { sandbox?: Sandbox } = {};
    const sandbox = await createFake(
      stock(async (n) => {
        await own.sandbox?.exports.count().catch((thrown: unknown) => refused.push(thrown));
        return other.exports.increment(n);
      }),
    );
    own.sandbox = sandbox;
    expect(await sandbox.exports.ask(1)).toBe(2);
    expect(refused[0]).toBeInstanceOf(ReentrancyError);
  });

  test("two sandboxes are wired together by giving one's exports as the other's imports", async () => {
    const inner = await createFake();
    const sandbox = await createFake(stock(inner.exports.increment));
    expect(await sandbox.exports.ask(41)).toBe(42);
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
