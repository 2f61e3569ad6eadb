// Who waits for a VM of a pool: order, limits, cancels, and contexts, which keep theirs; with a stand-in for the VMs.
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { AbortError, ClosedError, LimitError, type Pool } from '../src/index.ts';
import { createPool, failure, fake, until } from './fake/pool.ts';

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
    const second = pool.with({ timeoutMs: 60_000 }).exports.count();
    expect(await first).toMatchObject({ kind: 'wall', limitMs: 60 });
    await second;
    // Timers may be early by less than a millisecond.
    expect(fake.binding.sandboxes[0]!.timeoutMs).toBeLessThan(60_000 - 58);
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
