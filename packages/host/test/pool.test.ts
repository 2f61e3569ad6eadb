// A pool as its caller sees it: options, calls from the base state, and the end, with a stand-in for the VMs.
import { getEventListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { ClosedError, LimitError, Pool, TimeoutError, TrapError } from '../src/index.ts';
import { componentOf } from './fake/compiler.ts';
import { createPool, failure, fake, stock, until } from './fake/pool.ts';
import { world } from './fake/world.ts';

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
