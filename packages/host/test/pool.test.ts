// Which VM of a pool serves whom, and who waits: order, limits, cancels, contexts, losses and the end, with a
// stand-in for the VMs.
import diagnostics from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AbortError,
  ClosedError,
  LimitError,
  Pool,
  type PoolMessage,
  TimeoutError,
  TrapError,
} from '../src/index.ts';
import { componentOf } from './fake/compiler.ts';
import { type Fake, installFake, world } from './fake/world.ts';

let fake: Fake;
beforeEach(() => {
  fake = installFake();
});

const stock = { count: (n: number): unknown => n, tryCount: (n: number): unknown => n };

/** A pool of the fake world, ended after the test. */
async function createPool(options: object = {}): Promise<Pool> {
  const pool = await Pool.create({ component: componentOf(world), imports: { stock }, ...options });
  onTestFinished(() => pool.close({ timeoutMs: 0 }));
  return pool;
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`answered ${String(value)}`),
    (error: unknown) => error,
  );

/** Resolves when the pool is as it should be, which the test's own time limit bounds. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The VM ends by itself. */
/** That VM ends by itself, and cannot be asked any more. */
function end(index: number): void {
  const sandbox = fake.binding.sandboxes[index]!;
  sandbox.closed = true;
  sandbox.onEvent({ kind: 'closed', stats: sandbox.stats });
}

describe('options', () => {
  test.each([
    [undefined, TypeError, 'options: expected object, got undefined'],
    [{ size: 0 }, RangeError, 'size: expected a whole number from 1 up, got 0'],
    [{ size: '4' }, TypeError, 'size: expected number, got string'],
    [{ size: Infinity }, RangeError, 'size: expected a whole number from 1 up, got Infinity'],
    [{ size: 2, max: 4 }, TypeError, 'size: it cannot be given together with min or max'],
    [{ min: 3, max: 2 }, RangeError, 'max: expected at least min, which is 3, got 2'],
    [{ min: -1 }, RangeError, 'min: expected a whole number from 0 up'],
    [{ max: 0 }, RangeError, 'max: expected a whole number from 1 up'],
    [{ maxQueue: -1 }, RangeError, 'maxQueue: expected a whole number from 0 up'],
    [{ acquireTimeoutMs: 0 }, RangeError, 'acquireTimeoutMs: expected more than 0 milliseconds'],
    [{ idleTimeoutMs: 'x' }, TypeError, 'idleTimeoutMs: expected number, got string'],
    [{ sise: 2 }, TypeError, 'sise: there is no such option'],
  ])('%j is refused', async (options, kind, message) => {
    const given = options && { component: componentOf(world), imports: { stock }, ...options };
    const error = await failure(Pool.create(given as never));
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toContain(message);
    expect(fake.binding.created).toEqual([]);
  });

  test.each([
    [{}, availableParallelism()],
    [{ size: 3 }, 3],
    [{ max: 5 }, 1],
    [{ min: 2 }, 2],
    [{ min: 0, max: 2 }, 1],
  ])('with %j there are %i VMs at first', async (options, size) => {
    const pool = await createPool(options);
    expect(pool.stats).toMatchObject({ size, idle: size, busy: 0, waiting: 0, created: size });
  });

  /** Does it before that VM is made. */
  function whenMaking(count: number, action: () => void): void {
    const { binding } = fake;
    const make = binding.createSandbox.bind(binding);
    binding.createSandbox = (...args) => {
      if (binding.created.length === count - 1) action();
      return make(...args);
    };
  }

  test('if one cannot be made, create rejects, and those that were made are gone', async () => {
    const { binding } = fake;
    whenMaking(3, () => {
      binding.createError = { code: 'limit', limit: 'processMemoryBytes' };
    });
    const error = await failure(createPool({ size: 4 }));
    expect(error).toBeInstanceOf(LimitError);
    expect(binding.created.length).toBeGreaterThan(2);
    expect(binding.sandboxes.every(({ closed }) => closed)).toBe(true);
  });

  test('a signal cancels the create', async () => {
    const stop = new AbortController();
    whenMaking(3, () => stop.abort('no more'));
    expect(await failure(createPool({ size: 4, signal: stop.signal }))).toMatchObject({
      code: 'ERR_HL_ABORT',
      cause: 'no more',
    });
    await until(() => fake.binding.sandboxes.every(({ closed }) => closed));
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});

describe('calls', () => {
  test('each starts from the base state, in whichever VM it runs', async () => {
    const pool = await createPool({ size: 2 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => pool.exports.countLater()));
    expect(answers).toEqual([1, 1, 1, 1, 1, 1]);
    expect(fake.binding.sandboxes.map(({ stats }) => stats.calls)).toEqual([3, 3]);
    expect(pool.stats).toMatchObject({ calls: 6, idle: 2, waited: 4, waitedInVain: 0 });
  });

  test('those that wait are served in order', async () => {
    const pool = await createPool({ size: 2 });
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, async (_, index) => {
      await (index % 3 === 0 ? pool.exports.countLater() : pool.exports.increment(index));
      order.push(index);
    });
    await Promise.all(calls);
    // Those that take time are passed by the quick ones, but never by one of their own kind.
    const slow = order.filter((index) => index % 3 === 0);
    const quick = order.filter((index) => index % 3 !== 0);
    expect(slow).toEqual(slow.toSorted((a, b) => a - b));
    expect(quick).toEqual(quick.toSorted((a, b) => a - b));
  });

  test('a call that comes while others wait does not pass them', async () => {
    const order: string[] = [];
    const pool = await createPool({
      size: 1,
      imports: {
        stock: {
          ...stock,
          count: (n: number) => {
            void pool.exports.increment(1).then(() => order.push('late'));
            return n;
          },
        },
      },
    });
    const calls = [pool.exports.countLater(), pool.exports.ask(1), pool.exports.increment(1)];
    void calls[2]!.then(() => order.push('early'));
    await Promise.all(calls);
    await until(() => order.length === 2);
    expect(order).toEqual(['early', 'late']);
  });

  test('arguments are taken when the call is made, not when its turn comes', async () => {
    const pool = await createPool({ size: 1 });
    const busy = pool.exports.countLater();
    await expect(pool.exports.increment('1')).rejects.toThrow('args[0]: expected number (u8), got string');
    const answers = [pool.exports.increment(1), pool.exports.increment(41)];
    expect(await Promise.all([busy, ...answers])).toEqual([1, 2, 42]);
  });

  test('a trap takes no VM away', async () => {
    const pool = await createPool({ size: 2 });
    const errors = await Promise.all(Array.from({ length: 5 }, () => failure(pool.exports.trap())));
    expect(errors.every((error) => error instanceof TrapError)).toBe(true);
    expect(await pool.exports.count()).toBe(1);
    expect(pool.stats).toMatchObject({ size: 2, idle: 2, created: 2, lost: 0 });
  });

  test('a host function may call the same pool: another VM serves it', async () => {
    const count = async (n: number): Promise<number> => (await pool.exports.increment(n)) as number;
    const pool = await createPool({ size: 2, imports: { stock: { ...stock, count } } });
    expect(await pool.exports.ask(1)).toBe(2);
    const sync = await createPool({
      size: 2,
      imports: { stock: { ...stock, count: (n: number) => sync.exports.increment(n) } },
    });
    expect(await sync.exports.ask(1)).toBe(2);
  });

  test('when all VMs wait for such calls, the wait ends, and the message says what may be wrong', async () => {
    const count = (n: number): unknown => pool.with({ timeoutMs: 20 }).exports.increment(n);
    const pool = await createPool({ size: 1, imports: { stock: { ...stock, count } } });
    const error = (await failure(pool.exports.ask(1))) as Error;
    expect(error.cause).toBeInstanceOf(TimeoutError);
    expect((error.cause as Error).message).toContain(
      '1 of its 1 VMs wait for host functions (acme:shop/stock@1.0.0#count)',
    );
    expect(await pool.exports.count()).toBe(1);
  });
});

describe('the queue', () => {
  test('more than maxQueue are refused', async () => {
    const pool = await createPool({ size: 1, maxQueue: 2 });
    const calls = Array.from({ length: 3 }, () => pool.exports.countLater());
    const errors = [await failure(pool.exports.count()), await failure(pool.context())];
    for (const error of errors) {
      expect(error).toBeInstanceOf(LimitError);
      expect(error).toMatchObject({ limit: 'maxQueue', message: expect.stringContaining('maxQueue is 2') });
    }
    expect(await Promise.all(calls)).toEqual([1, 1, 1]);
    expect(pool.stats).toMatchObject({ waited: 2, waitedInVain: 2, waiting: 0 });
  });

  test('maxQueue: 0 lets nothing wait', async () => {
    const pool = await createPool({ size: 1, maxQueue: 0 });
    const call = pool.exports.countLater();
    expect(await failure(pool.exports.count())).toMatchObject({ limit: 'maxQueue' });
    expect(await call).toBe(1);
  });

  test('a wait ends after acquireTimeoutMs, or after timeoutMs if that is sooner', async () => {
    const pool = await createPool({ size: 1, acquireTimeoutMs: 30 });
    const context = await pool.context();
    const errors = await Promise.all(
      [pool.exports.count(), pool.with({ timeoutMs: 5 }).exports.count(), pool.context()].map(failure),
    );
    expect(errors).toMatchObject([
      { name: 'TimeoutError', kind: 'queue', limitMs: 30 },
      { name: 'TimeoutError', kind: 'queue', limitMs: 5 },
      { name: 'TimeoutError', kind: 'queue', limitMs: 30 },
    ]);
    const hint = '; 1 of its 1 VMs are kept by open contexts: finish() gives them back';
    expect((errors[0] as Error).message).toBe(
      `count waited for a VM of the pool longer than acquireTimeoutMs (30 ms)${hint}`,
    );
    expect((errors[1] as Error).message).toContain('longer than timeoutMs (5 ms)');
    await context.finish();
    expect(await pool.exports.count()).toBe(1);
  });

  test('time in the queue counts as time of the call', async () => {
    const pool = await createPool({ size: 1 });
    const first = failure(pool.with({ timeoutMs: 60 }).exports.loop());
    const second = failure(pool.with({ timeoutMs: 100 }).exports.loop());
    // Had the second one 100 ms from when it began to run, this would be sooner.
    const later = new Promise((resolve) => setTimeout(resolve, 140, 'later'));
    expect(await first).toMatchObject({ kind: 'wall', limitMs: 60 });
    expect(await Promise.race([second, later])).toMatchObject({ kind: 'wall', limitMs: 100 });
  });

  test('aborting takes a call out of it, and its listener off', async () => {
    const pool = await createPool({ size: 1 });
    const stop = new AbortController();
    const { signal } = stop;
    const busy = pool.exports.countLater();
    const waiting = [
      pool.with({ signal }).exports.count(),
      pool.with({ signal }).context(),
      pool.exports.count(),
    ];
    expect(pool.stats.waiting).toBe(3);
    stop.abort('enough');
    for (const gone of waiting.slice(0, 2)) {
      expect(await failure(gone)).toMatchObject({ code: 'ERR_HL_ABORT', cause: 'enough' });
    }
    expect(await Promise.all([busy, waiting[2]])).toEqual([1, 1]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(pool.stats).toMatchObject({ calls: 2, waitedInVain: 2, waiting: 0 });
  });

  test('an already aborted signal runs nothing, whether a VM is free or not', async () => {
    const pool = await createPool({ size: 1 });
    const view = pool.with({ signal: AbortSignal.abort('no') });
    expect(await failure(view.exports.count())).toBeInstanceOf(AbortError);
    expect(await failure(view.context())).toBeInstanceOf(AbortError);
    const busy = pool.exports.countLater();
    expect(await failure(view.exports.count())).toBeInstanceOf(AbortError);
    expect(await busy).toBe(1);
    expect(pool.stats).toMatchObject({ calls: 1, idle: 1, waiting: 0 });
  });

  test('a call that waited can be aborted while it runs, and its listener is taken off', async () => {
    const pool = await createPool({ size: 1 });
    const stop = new AbortController();
    const busy = pool.exports.countLater();
    const call = failure(pool.with({ signal: stop.signal }).exports.loop());
    await busy;
    await until(() => pool.stats.waiting === 0);
    stop.abort();
    expect(await call).toBeInstanceOf(AbortError);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    expect(await pool.exports.count()).toBe(1);
  });
});

describe('contexts', () => {
  test('have a VM of their own until they are finished; others run beside them', async () => {
    const pool = await createPool({ size: 2 });
    const context = await pool.context();
    expect(pool.stats).toMatchObject({ idle: 1, busy: 1 });
    expect([await context.exports.count(), await context.exports.count()]).toEqual([1, 2]);
    const direct = await Promise.all(Array.from({ length: 4 }, () => pool.exports.countLater()));
    expect(direct).toEqual([1, 1, 1, 1]);
    expect(await context.exports.count()).toBe(3);
    expect(await context.finish()).toMatchObject({ calls: 3 });
    expect(pool.stats).toMatchObject({ idle: 2, busy: 0 });
    await expect(context.exports.count()).rejects.toBeInstanceOf(ClosedError);
  });

  test('one that is finished while calls are under way is given back after them, reset', async () => {
    const pool = await createPool({ size: 1 });
    const context = await pool.context();
    const inside = [context.exports.countLater(), context.exports.count()];
    const finished = context.finish();
    const behind = pool.exports.count();
    expect(await Promise.all([...inside, behind])).toEqual([1, 2, 1]);
    await finished;
  });

  test.each([
    ['a trap', (context: Awaited<ReturnType<Pool['context']>>) => context.exports.trap()],
    [
      'a timeout',
      (context: Awaited<ReturnType<Pool['context']>>) => context.with({ timeoutMs: 10 }).exports.loop(),
    ],
    [
      'a cancel',
      (context: Awaited<ReturnType<Pool['context']>>) =>
        context.with({ signal: AbortSignal.timeout(10) }).exports.loop(),
    ],
  ])('%s ends one, and its VM serves others, reset', async (_name, fail) => {
    const pool = await createPool({ size: 1 });
    const context = await pool.context();
    await context.exports.count();
    await failure(fail(context));
    expect(await pool.exports.count()).toBe(1);
    const next = await pool.context();
    expect(await failure(context.exports.count())).toBeInstanceOf(ClosedError);
    await context.finish();
    expect([await next.exports.count(), await next.exports.count()]).toEqual([1, 2]);
    await next.finish();
  });

  test('wait in the same queue as calls', async () => {
    const pool = await createPool({ size: 1 });
    const order: string[] = [];
    const busy = pool.exports.countLater();
    const context = pool.context().then(async (one) => {
      order.push('context');
      await one.finish();
    });
    const call = pool.exports.count().then(() => order.push('call'));
    await Promise.all([busy, context, call]);
    expect(order).toEqual(['context', 'call']);
  });
});

describe('close', () => {
  test('serves what was taken, queued or not, and refuses what comes later', async () => {
    const pool = await createPool({ size: 2 });
    const calls = Array.from({ length: 6 }, () => pool.exports.countLater());
    const closed = pool.close();
    expect(await failure(pool.exports.count())).toMatchObject({
      code: 'ERR_HL_CLOSED',
      message: 'count: the pool is closed',
    });
    expect(await failure(pool.context())).toBeInstanceOf(ClosedError);
    expect(await Promise.all(calls)).toEqual([1, 1, 1, 1, 1, 1]);
    await closed;
    expect(fake.binding.sandboxes.every((one) => one.closed)).toBe(true);
    expect(pool.stats).toMatchObject({ size: 0, calls: 6 });
  });

  test('waits for contexts to be finished', async () => {
    const pool = await createPool({ size: 2 });
    const context = await pool.context();
    let isClosed = false;
    const closed = pool.close().then(() => {
      isClosed = true;
    });
    expect(await context.exports.countLater()).toBe(1);
    expect(isClosed).toBe(false);
    await context.finish();
    await closed;
  });

  test('ends what is left after timeoutMs, at once if it is 0', async () => {
    for (const timeoutMs of [0, 10]) {
      const pool = await createPool({ size: 2 });
      const context = await pool.context();
      const calls = [pool.exports.loop(), pool.exports.count(), pool.context()].map(failure);
      await pool.close({ timeoutMs });
      for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ClosedError);
      expect(await failure(context.exports.count())).toBeInstanceOf(ClosedError);
      await context.finish();
    }
  });

  test('may be called again, to end sooner', async () => {
    const pool = await createPool({ size: 1 });
    const call = failure(pool.exports.loop());
    const first = pool.close();
    await pool.close({ timeoutMs: 0 });
    await first;
    await pool[Symbol.asyncDispose]();
    expect(await call).toBeInstanceOf(ClosedError);
    await expect(pool.close({ timeoutMs: -1 })).rejects.toBeInstanceOf(RangeError);
  });
});

describe('VMs', () => {
  test('one that ends by itself is replaced; its call fails, those that wait are served', async () => {
    const pool = await createPool({ size: 2 });
    const loops = [pool.exports.loop(), pool.exports.loop()].map(failure);
    const waiting = pool.exports.count();
    end(0);
    expect(await Promise.race(loops)).toMatchObject({ code: 'ERR_HL_CLOSED' });
    expect(await waiting).toBe(1);
    expect(pool.stats).toMatchObject({ size: 2, created: 3, lost: 1, busy: 1 });
  });

  test('one that ends while nobody uses it is not lent again', async () => {
    const pool = await createPool({ size: 1 });
    await pool.exports.count();
    end(0);
    expect(await pool.exports.count()).toBe(1);
    expect(pool.stats).toMatchObject({ size: 1, created: 2, lost: 1, calls: 2 });
  });

  test('when none can be made again, those who wait are told why; later it works again', async () => {
    const pool = await createPool({ size: 1 });
    fake.binding.createError = { code: 'limit', limit: 'processMemoryBytes' };
    end(0);
    const error = (await failure(pool.exports.count())) as Error;
    expect(error).toBeInstanceOf(ClosedError);
    expect(error.message).toContain('the pool has no VM left, and another could not be made (3 attempts');
    expect(error.cause).toBeInstanceOf(LimitError);
    expect(await failure(pool.exports.count())).toBe(error);
    fake.binding.createError = undefined;
    await until(() => pool.stats.size === 1);
    expect(await pool.exports.count()).toBe(1);
  });

  test('those beyond min are made when calls wait, and closed when nobody needed them for a while', async () => {
    const pool = await createPool({ min: 1, max: 3, idleTimeoutMs: 20 });
    const calls = Array.from({ length: 8 }, () => pool.exports.loop());
    const errors = Promise.all(calls.map(failure));
    await until(() => pool.stats.size === 3);
    expect(pool.stats).toMatchObject({ busy: 3, waiting: 5, starting: 0 });
    const contexts = [0, 1, 2].map((index) => fake.binding.sandboxes[index]!);
    await pool.close({ timeoutMs: 0 });
    await errors;
    expect(contexts.every(({ closed }) => closed)).toBe(true);

    const idle = await createPool({ min: 1, max: 3, idleTimeoutMs: 20 });
    await Promise.all(Array.from({ length: 8 }, () => idle.exports.countLater()));
    const { created } = idle.stats;
    expect(created).toBeGreaterThan(1);
    await until(() => idle.stats.size === 1);
    expect(idle.stats).toMatchObject({ idle: 1, calls: 8, created, lost: 0 });
    expect(await idle.exports.count()).toBe(1);
  });

  test('with min 0 the last one is closed as well, and made again for the next call', async () => {
    const pool = await createPool({ min: 0, max: 1, idleTimeoutMs: 5 });
    await until(() => pool.stats.size === 0);
    expect(await pool.exports.count()).toBe(1);
  });

  test('the one that was used last is used again, once it had the time to be reset', async () => {
    const pool = await createPool({ size: 3 });
    const callsOf = () => fake.binding.sandboxes.map(({ stats }) => stats.calls);
    for (let call = 0; call < 5; call++) {
      await pool.exports.count();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(callsOf().toSorted()).toEqual([0, 0, 5]);
    // No time passes between these.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => clock.mockRestore());
    await Promise.all(Array.from({ length: 3 }, () => pool.exports.count()));
    expect(callsOf().toSorted()).toEqual([1, 1, 6]);
  });
});

describe('what is told', () => {
  const channel = diagnostics.channel('hl:pool');

  /** The messages on the channel until the test ends, those of other pools left out. */
  function listen(): PoolMessage[] {
    const messages: PoolMessage[] = [];
    const listener = (message: unknown): void => void messages.push(message as PoolMessage);
    channel.subscribe(listener);
    onTestFinished(() => void channel.unsubscribe(listener));
    return messages;
  }

  test('the channel tells who got a VM and after what wait, and what becomes of the VMs', async () => {
    const messages = listen();
    const pool = await createPool({ min: 1, max: 2, maxQueue: 1, idleTimeoutMs: 5 });
    const calls = [pool.exports.countLater(), pool.exports.countLater()];
    const error = await failure(pool.exports.count());
    await Promise.all(calls);
    await until(() => fake.binding.sandboxes.filter(({ closed }) => closed).length === 1);
    end(fake.binding.sandboxes.findIndex(({ closed }) => !closed));
    await until(() => pool.stats.created === 3);
    await pool.close();
    expect(new Set(messages.map((message) => message.pool)).size).toBe(1);
    expect(messages.map(({ kind }) => kind)).toEqual([
      ...['created', 'lent', 'refused', 'grown', 'lent', 'shrunk', 'lost', 'replaced', 'closed'],
    ]);
    const [, first, refused, , second] = messages;
    expect(first).toMatchObject({ queueMicros: 0, size: 1, idle: 0, waiting: 0 });
    expect(refused).toMatchObject({ queueMicros: 0, error, waiting: 1 });
    expect(second!.queueMicros).toBeGreaterThan(0);
  });

  test('the channel tells why a VM could not be made', async () => {
    const pool = await createPool({ size: 1 });
    const messages = listen();
    fake.binding.createError = { code: 'limit', limit: 'processMemoryBytes' };
    end(0);
    const error = await failure(pool.exports.count());
    expect(messages.map(({ kind }) => kind)).toEqual(['lost', 'failed', 'failed', 'failed']);
    expect(messages[3]!.error).toBe((error as Error).cause);
  });

  test('stats are of all VMs, also of those that are gone', async () => {
    const pool = await createPool({ size: 2 });
    await Promise.all(Array.from({ length: 4 }, () => pool.exports.ask(1)));
    const before = pool.stats;
    expect(before).toMatchObject({ calls: 4, hostCalls: 4, resets: 4 });
    end(0);
    await until(() => pool.stats.created === 3);
    await pool.exports.ask(1);
    await pool.close();
    expect(pool.stats).toMatchObject({ calls: 5, resets: 5, hostCalls: 5, size: 0, busy: 0, lost: 1 });
  });
});
