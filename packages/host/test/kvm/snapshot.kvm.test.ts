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

  test('clones draw chance of their own, and so does what they came from', async () => {
    const sandbox = await sandboxOf('conformance');
    const snapshot = await sandbox.snapshot();
    const options = { imports: hostWith() };
    const all = [sandbox, await cloneOf(snapshot, options), await cloneOf(snapshot, options)];
    const drawn = await Promise.all(all.map((one) => one.exports.run.randomU64()));
    expect(new Set(drawn).size).toBe(3);
  });
});

/** A host function that answers when the test says so. */
function held() {
  let answer = (_text: string): void => undefined;
  let asked = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const transform = (): Promise<string> => {
    asked();
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return { transform, isAsked, answer: (text: string) => answer(text) };
}

describeWithKvm('a snapshot that is asked for during a call', () => {
  test('is taken when the call is over, with what it left behind in its context', async () => {
    const { transform, isAsked, answer } = held();
    const sandbox = await sandboxOf('conformance', { imports: hostWith({ transform }) });
    const context = await sandbox.context();
    expect(await context.exports.run.counterNext()).toBe(1);
    const order: string[] = [];
    const call = context.exports.run.hostTransform('a').then((text: string) => order.push(text));
    const counted = context.exports.run.counterNext();
    await isAsked;
    const snapshots = Promise.all([context.snapshot(), sandbox.snapshot()]);
    const taken = snapshots.then(() => order.push('taken'));
    answer('answered');
    await Promise.all([call, taken]);
    expect(order).toEqual(['answered', 'taken']);
    expect(await counted).toBe(2);
    const [ofContext, ofBase] = await snapshots;
    const next = async (snapshot: Snapshot) =>
      (await cloneOf(snapshot, { imports: hostWith() })).exports.run.counterNext();
    expect([await next(ofContext), await next(ofBase)]).toEqual([3, 1]);
  });

  test('is refused inside a host function, which the call waits for', async () => {
    let refusal: unknown;
    const transform = (text: string): string => {
      void own.sandbox?.snapshot().catch((error: unknown) => {
        refusal = error;
      });
      return text;
    };
    const own: { sandbox?: Sandbox } = {};
    own.sandbox = await sandboxOf('conformance', { imports: hostWith({ transform }) });
    expect(await own.sandbox.exports.run.hostTransform('a')).toBe('a');
    expect(refusal).toMatchObject({ code: 'ERR_HL_REENTRANCY' });
  });

  test('by a host function that waits for it costs the call its time, and no more', async () => {
    const own: { sandbox?: Sandbox; snapshot?: Promise<Snapshot> } = {};
    const transform = async (text: string): Promise<string> => {
      await null;
      own.snapshot = own.sandbox!.snapshot();
      await own.snapshot;
      return text;
    };
    own.sandbox = await sandboxOf('conformance', {
      imports: hostWith({ transform }),
    });
    await expect(own.sandbox.with({ timeoutMs: 100 }).exports.run.hostTransform('a')).rejects.toMatchObject({
      code: 'ERR_HL_TIMEOUT',
    });
    const clone = await cloneOf((await own.snapshot)!, { imports: hostWith() });
    expect(await clone.exports.run.counterNext()).toBe(1);
  });

  test('of a context ends with it', async () => {
    const { transform, isAsked } = held();
    const sandbox = await sandboxOf('conformance', { imports: hostWith({ transform }) });
    const context = await sandbox.context();
    const call = context.with({ timeoutMs: 100 }).exports.run.hostTransform('a');
    await isAsked;
    const snapshot = context.snapshot();
    await expect(call).rejects.toMatchObject({ code: 'ERR_HL_TIMEOUT' });
    await expect(snapshot).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
    await expect(context.snapshot()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
    expect(await sandbox.exports.run.counterNext()).toBe(1);
  });
});
