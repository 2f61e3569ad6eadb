// What users see when things go wrong in a real VM, and that the next call works.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import {
  AbortError,
  ClosedError,
  Component,
  ComponentError,
  HostFunctionError,
  LimitError,
  LinkError,
  MiB,
  ReentrancyError,
  Sandbox,
  TimeoutError,
  TrapError,
} from '../../src/index.ts';
import { hostWith, pathOf, sandboxOf } from './components.ts';

const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => error,
  );

describeWithKvm('traps', () => {
  test.each([
    ['unreachable', [], 'unreachable'],
    ['divideByZero', [1], 'divide-by-zero'],
    ['remainderByZero', [1], 'divide-by-zero'],
    ['integerOverflow', [1], 'integer-overflow'],
    ['badConversion', [], 'bad-conversion'],
    ['nullCall', [], 'indirect-call'],
    ['wrongTypeCall', [], 'indirect-call'],
    ['beyondTableCall', [], 'indirect-call'],
    ['stackOverflow', [0], 'stack-overflow'],
    ['load', [65536], 'out-of-bounds'],
    ['store', [0xffff_fffc], 'out-of-bounds'],
  ])('%s is told apart, and the next call works', async (name, args, trap) => {
    const sandbox = await sandboxOf('traps');
    const error = await thrown(sandbox.exports[name](...args));
    expect(error).toBeInstanceOf(TrapError);
    expect(error).toMatchObject({ trap });
    expect(await sandbox.exports.load(0)).toBe(0);
  });

  test.each(['text', 'numbers'])("a result outside the guest's memory (%s) is a trap", async (name) => {
    const sandbox = await sandboxOf('bad-list');
    expect(await thrown(sandbox.exports[name](65_000, 0x7fff_ffff))).toMatchObject({ code: 'ERR_HL_TRAP' });
    expect(await sandbox.exports[name](64, 0)).toHaveLength(0);
  });

  test('a guest that exits is a trap that says so', async () => {
    const sandbox = await sandboxOf('conformance');
    expect(await thrown(sandbox.exports.run.exit(false))).toMatchObject({
      code: 'ERR_HL_TRAP',
      trap: 'exit',
    });
    expect(await sandbox.exports.run.add(1, 2)).toBe(3);
  });
});

describeWithKvm('limits', () => {
  test('a guest that loops is stopped by timeoutMs, or by cpuTimeoutMs', async () => {
    const sandbox = await sandboxOf('conformance', { limits: { cpuTimeoutMs: 40 } });
    const wall = await thrown(sandbox.with({ timeoutMs: 10 }).exports.run.spin());
    expect(wall).toBeInstanceOf(TimeoutError);
    expect(wall).toMatchObject({ kind: 'wall', limitMs: 10 });
    expect(await thrown(sandbox.exports.run.spin())).toMatchObject({ kind: 'cpu', limitMs: 40 });
    expect(await sandbox.exports.run.add(1, 2)).toBe(3);
  });

  test('a guest that sleeps is stopped by timeoutMs', async () => {
    const sandbox = await sandboxOf('conformance');
    expect(await thrown(sandbox.with({ timeoutMs: 30 }).exports.run.sleepMs(60_000))).toBeInstanceOf(
      TimeoutError,
    );
  });

  test('a guest does not get more memory than memoryBytes', async () => {
    const sandbox = await sandboxOf('conformance', { limits: { memoryBytes: MiB(32) } });
    const outcome = await sandbox.exports.run.grow(BigInt(MiB(64))).catch((error: unknown) => error);
    expect(outcome === false || outcome instanceof LimitError || outcome instanceof TrapError).toBe(true);
    expect(await sandbox.exports.run.grow(BigInt(MiB(4)))).toBe(true);
  });

  test('a request, a reply, the output and the host calls of a call have limits of their own', async () => {
    const limits = { maxRequestBytes: 10_000, maxReplyBytes: 1_000, maxOutputBytes: 100, maxHostCalls: 3 };
    const sandbox = await sandboxOf('conformance', { limits });
    const { echo, run } = sandbox.exports;
    const calls: [string, () => Promise<unknown>][] = [
      ['maxRequestBytes', () => echo.echoString('x'.repeat(20_000))],
      ['maxReplyBytes', () => echo.echoString('x'.repeat(5_000))],
      ['maxOutputBytes', () => run.print('x'.repeat(5_000))],
      ['maxHostCalls', () => run.hostAdd(4)],
    ];
    for (const [limit, call] of calls) {
      const error = await thrown(call());
      expect(error, limit).toBeInstanceOf(LimitError);
      expect(error).toMatchObject({ limit });
      expect(await run.hostAdd(3)).toBe(3);
    }
  });
});

describeWithKvm('host functions', () => {
  test('sync and async ones answer, and what they threw is the cause', async () => {
    const add = async (a: number, b: number) => a + b;
    const transform = () => {
      throw new RangeError('no such text');
    };
    const sandbox = await sandboxOf('conformance', { imports: hostWith({ add, transform }) });
    expect(await sandbox.exports.run.hostAdd(10)).toBe(45);
    const error = await thrown(sandbox.exports.run.hostTransform('x'));
    expect(error).toBeInstanceOf(HostFunctionError);
    expect(error).toMatchObject({
      import: 'hl:conformance/host@1.0.0#transform',
      cause: new RangeError('no such text'),
    });
    expect(await sandbox.exports.run.hostAdd(10)).toBe(45);
  });

  test('one that never settles is stopped by timeoutMs, and the next call works', async () => {
    const transform = () => new Promise(() => undefined);
    const sandbox = await sandboxOf('conformance', { imports: hostWith({ transform }) });
    const error = await thrown(sandbox.with({ timeoutMs: 30 }).exports.run.hostTransform('x'));
    expect(error).toMatchObject({ code: 'ERR_HL_TIMEOUT', kind: 'wall' });
    expect(await sandbox.exports.run.add(1, 2)).toBe(3);
  });

  test('one that calls back into its own sandbox is refused', async () => {
    const own: { sandbox?: Sandbox } = {};
    const refused: unknown[] = [];
    const transform = async () => {
      await own.sandbox?.exports.run.noop().catch((error: unknown) => refused.push(error));
      return 'answered';
    };
    own.sandbox = await sandboxOf('conformance', { imports: hostWith({ transform }) });
    expect(await own.sandbox.exports.run.hostTransform('x')).toBe('answered');
    expect(refused[0]).toBeInstanceOf(ReentrancyError);
  });

  test('one may call another sandbox', async () => {
    const inner = await sandboxOf('conformance');
    const outer = await sandboxOf('conformance', {
      imports: hostWith({ transform: inner.exports.run.hello }),
    });
    expect(await outer.exports.run.hostTransform('Ada')).toBe('Hello, Ada!');
  });
});

describeWithKvm('cancelling and closing', () => {
  test('aborting a call rejects with the reason, and the next call works', async () => {
    const sandbox = await sandboxOf('conformance');
    const abort = new AbortController();
    const call = sandbox.with({ signal: abort.signal }).exports.run.spin();
    setTimeout(() => abort.abort('enough'), 10);
    const error = await thrown(call);
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ cause: 'enough' });
    expect(await sandbox.exports.run.add(1, 2)).toBe(3);
  });

  test('closing during a call rejects it, and everything that waits', async () => {
    const sandbox = await sandboxOf('conformance');
    const calls = [sandbox.exports.run.spin(), sandbox.exports.run.noop()].map(thrown);
    await sandbox.close();
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ClosedError);
    await expect(sandbox.exports.run.noop()).rejects.toBeInstanceOf(ClosedError);
  });
});

describeWithKvm('components', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each([
    ['an empty file', new Uint8Array(), /empty/],
    ['text', new TextEncoder().encode('(component)'), /text/],
    ['a file that is cut off', readFileSync(pathOf('conformance')).subarray(0, 100_000), /truncated/],
    ['a core module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), /module/],
  ])('%s is said to be that', async (_name, bytes, text) => {
    await sandboxOf('counter');
    const error = await thrown(Component.load(bytes));
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_INVALID', message: expect.stringMatching(text) });
  });

  test('an import that nobody provides is listed with its signature', async () => {
    await sandboxOf('counter');
    const error = await thrown(Sandbox.create({ component: pathOf('conformance') }));
    expect(error).toBeInstanceOf(LinkError);
    const { missing, skeleton } = error as LinkError;
    expect(missing.map((one) => one.wit)).toContain('transform: func(text: string) -> string');
    expect(skeleton).toContain("'hl:conformance/host': {");
  });

  test('one whose file was cleared from the cache after it was loaded says so, and can be loaded again', async () => {
    await sandboxOf('counter');
    const cache = mkdtempSync(join(tmpdir(), 'hl-cleared-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const component = await Component.load(pathOf('counter'));
    rmSync(cache, { recursive: true });
    const error = await thrown(Sandbox.create({ component }));
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_CACHE' });
    const again = await Sandbox.create({ component: pathOf('counter') });
    expect(await again.exports.next()).toBe(1);
    await again.close();
    rmSync(cache, { recursive: true });
  });
});

describeWithKvm('output', () => {
  test('stdout and stderr are text, apart from each other, before the call is answered', async () => {
    let out = '';
    let err = '';
    const sandbox = await sandboxOf('conformance', {
      stdout: (text: string) => {
        out += text;
      },
      stderr: (text: string) => {
        err += text;
      },
    });
    await sandbox.exports.run.print('größer');
    expect(out).toBe('größer\n');
    await sandbox.exports.run.printError('oh');
    expect([out, err]).toEqual(['größer\n', 'oh\n']);
  });

  test('time moves, and chance differs between fresh calls', async () => {
    const { run } = (await sandboxOf('conformance')).exports;
    expect(Math.abs(Number(await run.wallClockMs()) - Date.now())).toBeLessThan(60_000);
    expect(await run.randomU64()).not.toBe(await run.randomU64());
    expect(await run.environment()).toEqual([]);
    expect(await run.readLine()).toBeUndefined();
  });
});
