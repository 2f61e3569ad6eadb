// The VMs of a pool, with a stand-in for them: losses, growing and shrinking, and what is told of that.
import diagnostics from 'node:diagnostics_channel';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ClosedError, LimitError, type PoolMessage } from '../src/index.ts';
import { createPool, end, failure, fake, until } from './fake/pool.ts';

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
