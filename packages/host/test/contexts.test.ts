// Contexts and warm-ups: when they open, what they keep, how they finish, with a stand-in for the VM.
import { beforeEach, describe, expect, test } from 'vitest';
import { ClosedError, ContextOpenError, type Sandbox, TrapError } from '../src/index.ts';
import { createFake, type Fake, installFake } from './fake/world.ts';

let fake: Fake;
beforeEach(() => {
  fake = installFake();
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
