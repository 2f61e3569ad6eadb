// State: fresh for each direct call, kept by a context, and back to the base state whatever happened.
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import type { Sandbox } from '../../src/index.ts';
import { sandboxOf } from './components.ts';

const failures: [string, (sandbox: Sandbox) => Promise<unknown>][] = [
  ['a trap', (sandbox) => sandbox.exports.run.panic('on purpose')],
  ['a timeout', (sandbox) => sandbox.with({ timeoutMs: 30 }).exports.run.spin()],
  ['a cancel', (sandbox) => sandbox.with({ signal: AbortSignal.timeout(30) }).exports.run.spin()],
  ['a guest that takes too much memory', (sandbox) => sandbox.exports.run.grow(2n ** 31n)],
];

describeWithKvm('state', () => {
  test('a counter answers 1, 1, 1 directly, 1, 2, 3 in a context, and 1 after finish()', async () => {
    const sandbox = await sandboxOf('counter');
    const next = async (owner: { exports: { next(): Promise<number> } }) => [
      await owner.exports.next(),
      await owner.exports.next(),
      await owner.exports.next(),
    ];
    expect(await next(sandbox)).toEqual([1, 1, 1]);
    const context = await sandbox.context();
    expect(await next(context)).toEqual([1, 2, 3]);
    await context.finish();
    expect(await sandbox.exports.next()).toBe(1);
  });

  test.each(failures)('after %s a counter answers 1, and a context counts again', async (_name, fail) => {
    const sandbox = await sandboxOf('conformance', { limits: { memoryBytes: 64 * 2 ** 20 } });
    expect(await sandbox.exports.run.counterNext()).toBe(1);
    await fail(sandbox).catch(() => undefined);
    expect(await sandbox.exports.run.counterNext()).toBe(1);
    const context = await sandbox.context();
    expect([await context.exports.run.counterNext(), await context.exports.run.counterNext()]).toEqual([
      1, 2,
    ]);
    await context.finish();
    expect(await sandbox.exports.run.counterNext()).toBe(1);
  });

  test('a failure in a context ends it, and its state is gone', async () => {
    const sandbox = await sandboxOf('conformance');
    const context = await sandbox.context();
    await context.exports.run.counterNext();
    await expect(context.exports.run.panic('on purpose')).rejects.toMatchObject({ code: 'ERR_HL_TRAP' });
    await expect(context.exports.run.counterNext()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
    expect(await sandbox.exports.run.counterNext()).toBe(1);
  });

  test('what a warm-up did is where every call begins', async () => {
    const warmup = async (context: { exports: { next(): Promise<number> } }) => {
      await context.exports.next();
      await context.exports.next();
    };
    const sandbox = await sandboxOf('counter', { warmup });
    expect([await sandbox.exports.next(), await sandbox.exports.next()]).toEqual([3, 3]);
    await expect(sandbox.with({ timeoutMs: 1e9 }).exports.next()).resolves.toBe(3);
  });

  test('two sandboxes of one component have a state each', async () => {
    const [one, other] = [await sandboxOf('counter'), await sandboxOf('counter')];
    const contexts = [await one.context(), await other.context()];
    expect(await Promise.all(contexts.map((context) => context.exports.next()))).toEqual([1, 1]);
    await Promise.all(contexts.map((context) => context.finish()));
  });

  test('concurrent calls are answered in order, and each from the base state', async () => {
    const sandbox = await sandboxOf('conformance');
    const order: number[] = [];
    const calls = Array.from({ length: 50 }, async (_, index) => {
      const sum = await sandbox.exports.run.add(index, 1000);
      order.push(sum - 1000);
    });
    await Promise.all(calls);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });
});
