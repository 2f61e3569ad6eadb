// Snapshots in real VMs: what starts from one goes on from there, diverges, and leaves what it came from alone.
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { Sandbox, type Snapshot } from '../../src/index.ts';
import { hostWith, sandboxOf } from './components.ts';

/** A sandbox that starts from a snapshot, closed after the test. */
async function cloneOf(snapshot: Snapshot, options: object = {}): Promise<Sandbox> {
  const clone = await Sandbox.create({ snapshot, ...options });
  onTestFinished(() => clone.close());
  return clone;
}

describeWithKvm('snapshots', () => {
  test('a context goes on after its snapshot, and a clone goes on from it', async () => {
    const sandbox = await sandboxOf('counter');
    const context = await sandbox.context();
    expect([await context.exports.next(), await context.exports.next()]).toEqual([1, 2]);
    const snapshot = await context.snapshot();
    expect(await context.exports.next()).toBe(3);
    const clone = await cloneOf(snapshot);
    expect([await clone.exports.next(), await clone.exports.next()]).toEqual([3, 3]);
    await context.finish();
    expect(await sandbox.exports.next()).toBe(1);
  });

  test('forks diverge, and leave each other and their parent alone', async () => {
    const sandbox = await sandboxOf('counter');
    const open = await sandbox.context();
    await open.exports.next();
    const forks = await sandbox.fork(3);
    onTestFinished(async () => void (await Promise.all(forks.map((fork) => fork.close()))));
    const contexts = await Promise.all(forks.map((fork) => fork.context()));
    for (const [index, context] of contexts.entries())
      for (let call = 0; call <= index; call++) await context.exports.next();
    expect(await Promise.all(contexts.map((context) => context.exports.next()))).toEqual([2, 3, 4]);
    expect(await open.exports.next()).toBe(2);
    await sandbox.close();
    expect(await contexts[0]!.exports.next()).toBe(3);
  });

  test('a fork has its own copies of imports, limits and output', async () => {
    const printed: string[] = [];
    const sandbox = await sandboxOf('conformance', {
      stdout: (text: string) => printed.push(text),
      limits: { timeoutMs: 5_000, memoryBytes: 64 * 2 ** 20 },
    });
    const [fork] = await sandbox.fork(1);
    onTestFinished(() => fork!.close());
    expect(await fork!.exports.run.add(2, 3)).toBe(5);
  });

  test('20 clones of one snapshot all answer, also after it is closed', async () => {
    const sandbox = await sandboxOf('counter', {
      warmup: async (context: { exports: { next(): Promise<number> } }) =>
        void (await context.exports.next()),
    });
    const snapshot = await sandbox.snapshot();
    const clones = await Promise.all(Array.from({ length: 20 }, () => cloneOf(snapshot)));
    snapshot.close();
    expect(await Promise.all(clones.map((clone) => clone.exports.next()))).toEqual(Array(20).fill(2));
    expect(clones.map((clone) => clone.component)).toEqual(Array(20).fill(sandbox.component));
  });

  test('a clone links its own imports, and can be warmed up further', async () => {
    const sandbox = await sandboxOf('conformance');
    const snapshot = await sandbox.snapshot();
    await expect(Sandbox.create({ snapshot })).rejects.toMatchObject({ code: 'ERR_HL_LINK' });
    const clone = await cloneOf(snapshot, {
      imports: hostWith({ add: (a: number, b: number) => a * b }),
      warmup: async (context: Sandbox) => void (await context.exports.run.counterNext()),
    });
    expect(await clone.exports.run.counterNext()).toBe(2);
    expect(await sandbox.exports.run.counterNext()).toBe(1);
  });
});
