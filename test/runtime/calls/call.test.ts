// Calls in either direction: answers, errors of both sides, state, output, what is isolated, and how calls end.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

type Imports = Record<string, unknown>;

eachRuntime('host functions', ({ sandbox, api }) => {
  const host = (own: Imports = {}) => ({
    imports: {
      'test:calls/host': {
        add: (a: number, b: number) => (a + b) >>> 0,
        rows: (rows: unknown) => rows,
        later: async (text: string) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return `${text}, later`;
        },
        mayFail: (how: string) => {
          if (how === 'missing') throw new api.WitError({ tag: 'missing', val: 'x' });
          if (how === 'code') throw new api.WitError({ tag: 'code', val: 2 ** 32 - 1 });
          if (how === 'nothing') throw new api.WitError({ tag: 'nothing' });
          if (how === 'throw') throw new RangeError('a secret of the host');
          if (how === 'wrong') return 'not a number';
          if (how === 'wrong-case') throw new api.WitError({ tag: 'square' });
          return 7;
        },
        failBarely: async () => {
          throw new api.WitError(undefined);
        },
        nothing: () => undefined,
        pick: (from: unknown) => from,
        ...own,
      },
    },
  });
  const made = () => sandbox('calls', host());

  test('answer sync and async, with values of any shape', async () => {
    const { run } = (await made()).exports;
    expect(await run.add(2 ** 31, 2 ** 31 - 1)).toBe(2 ** 32 - 1);
    const rows = [
      { id: 1, name: undefined },
      { id: 2, name: 'ü' },
    ];
    expect(await run.rows(rows)).toEqual(rows);
    expect(await run.later('now')).toBe('now, later');
    for (const from of [{ tag: 'none' }, { tag: 'some', val: undefined }, { tag: 'some', val: 255 }])
      expect(await run.pick(from)).toEqual(from);
    expect(await run.often(100)).toBe(4_950);
  });

  test('answer the err case by a WitError, which the guest sees and may pass on', async () => {
    const { run } = (await made()).exports;
    expect(await run.mayFail('not')).toBe(7);
    for (const payload of [
      { tag: 'missing', val: 'x' },
      { tag: 'code', val: 2 ** 32 - 1 },
      { tag: 'nothing' },
    ]) {
      await expect(run.mayFail(payload.tag)).rejects.toMatchObject({ code: 'ERR_HL_WIT', payload });
    }
    expect(await run.catch('code')).toBe('Err(Failure::Code(4294967295))');
    await expect(run.failBarely()).rejects.toMatchObject({ code: 'ERR_HL_WIT', payload: undefined });
  });

  test('that throw end the call; the cause is told, to the caller alone', async () => {
    const seen: string[] = [];
    const { run } = (await sandbox('calls', { ...host(), stderr: (text) => void seen.push(text) })).exports;
    const failed = await run.catch('throw').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(api.HostFunctionError);
    expect(failed).toMatchObject({
      import: 'test:calls/host#may-fail',
      cause: expect.objectContaining({ message: 'a secret of the host' }),
    });
    expect(seen.join('')).not.toContain('secret');
    await expect(run.catch('wrong')).rejects.toMatchObject({
      code: 'ERR_HL_HOST_FUNCTION',
      cause: expect.objectContaining({ message: 'result: expected number (u32), got string' }),
    });
    await expect(run.catch('wrong-case')).rejects.toMatchObject({ code: 'ERR_HL_HOST_FUNCTION' });
    expect(await run.add(1, 2)).toBe(3);
  });

  test('that call back into their own sandbox are refused', async () => {
    const boxed: { exports?: { run: { next(): Promise<number> } } } = {};
    const add = () => boxed.exports!.run.next();
    const own = await sandbox('calls', host({ add }));
    boxed.exports = own.exports;
    await expect(own.exports.run.add(1, 2)).rejects.toMatchObject({
      code: 'ERR_HL_HOST_FUNCTION',
      cause: expect.objectContaining({ code: 'ERR_HL_REENTRANCY' }),
    });
  });

  test('are called no more often than the limit says', async () => {
    const limited = await sandbox('calls', { ...host(), limits: { maxHostCalls: 4 } });
    expect(await limited.exports.run.often(2)).toBe(1);
    await expect(limited.exports.run.often(3)).rejects.toMatchObject({
      code: 'ERR_HL_LIMIT',
      limit: 'maxHostCalls',
    });
    expect(await limited.exports.run.often(2)).toBe(1);
  });
});

eachRuntime('calls', ({ sandbox, api }) => {
  const none = () => undefined;
  const imports = {
    'test:calls/host': {
      add: none,
      rows: none,
      later: none,
      mayFail: none,
      failBarely: none,
      nothing: none,
      pick: none,
    },
  };
  const made = (options = {}) => sandbox('calls', { imports, ...options });

  test('made directly start from the base state; in a context they go on', async () => {
    const own = await made();
    expect([await own.exports.run.next(), await own.exports.run.next()]).toEqual([1, 1]);
    {
      await using context = await own.context();
      expect([await context.exports.run.next(), await context.exports.run.next()]).toEqual([1, 2]);
      await expect(own.exports.run.next()).rejects.toBeInstanceOf(api.ContextOpenError);
    }
    expect(await own.exports.run.next()).toBe(1);
  });

  test('of a context that failed are refused, with the cause', async () => {
    const own = await made();
    await using context = await own.context();
    expect(await context.exports.run.next()).toBe(1);
    await expect(context.exports.run.panic('over')).rejects.toMatchObject({
      code: 'ERR_HL_TRAP',
      trap: 'unreachable',
    });
    await expect(context.exports.run.next()).rejects.toMatchObject({
      code: 'ERR_HL_CLOSED',
      cause: expect.objectContaining({ code: 'ERR_HL_TRAP' }),
    });
    expect(await own.exports.run.next()).toBe(1);
  });

  test("the err case of an export's result is thrown, and keeps the context", async () => {
    await using context = await (await made()).context();
    expect(await context.exports.run.next()).toBe(1);
    for (const payload of [{ tag: 'missing', val: 'ü' }, { tag: 'nothing' }])
      await expect(context.exports.run.fail(payload)).rejects.toMatchObject({ payload });
    expect(await context.exports.run.next()).toBe(2);
  });

  test('warm-up is part of the base state, of forks and of snapshots', async () => {
    const warm = await made({
      warmup: async ({ exports }: { exports: { run: { next(): Promise<number> } } }) =>
        void (await exports.run.next()),
    });
    expect([await warm.exports.run.next(), await warm.exports.run.next()]).toEqual([2, 2]);
    const [fork] = await warm.fork(1);
    expect(await fork!.exports.run.next()).toBe(2);
    await fork!.close();
    const context = await warm.context();
    await context.exports.run.next();
    using snapshot = await context.snapshot();
    await context.finish();
    await using clone = await api.Sandbox.create({ snapshot, imports });
    expect([await clone.exports.run.next(), await clone.exports.run.next()]).toEqual([3, 3]);
  });

  test('of a pool run in any of its sandboxes', async () => {
    await using pool = await api.Pool.create({ component: (await made()).component, imports, size: 2 });
    expect(await Promise.all(Array.from({ length: 6 }, () => pool.exports.run.next()))).toEqual([
      1, 1, 1, 1, 1, 1,
    ]);
    await using context = await pool.context();
    expect([await context.exports.run.next(), await context.exports.run.next()]).toEqual([1, 2]);
  });

  test('print to where the options say, up to the limit', async () => {
    const [out, err]: [string[], string[]] = [[], []];
    const own = await made({
      stdout: (text: string) => void out.push(text),
      stderr: (text: string) => void err.push(text),
      limits: { maxOutputBytes: 100 },
    });
    await own.exports.run.print('höhe\n');
    await own.exports.run.printError('tiefe');
    expect([out.join(''), err.join('')]).toEqual(['höhe\n', 'tiefe']);
    await expect(own.exports.run.printError('x'.repeat(101))).rejects.toMatchObject({
      code: 'ERR_HL_LIMIT',
      limit: 'maxOutputBytes',
    });
  });

  test('have nothing of this machine but time and chance', async () => {
    const { run } = (await made()).exports;
    expect(await run.environment()).toEqual([]);
    expect(await run.arguments()).toEqual([]);
    expect(await run.readLine()).toBeUndefined();
    await expect(run.open('/etc/hostname')).rejects.toBeInstanceOf(api.WitError);
    await expect(run.resolve('localhost')).rejects.toBeInstanceOf(api.WitError);
    expect(Math.abs(Number(await run.nowMs()) - Date.now())).toBeLessThan(60_000);
    expect(await run.chance()).not.toBe(await run.chance());
    expect(await run.sleepMs(2)).toBeUndefined();
  });

  test('that take too long end, and so do those that are cancelled', async () => {
    const own = await made();
    await expect(own.with({ timeoutMs: 100 }).exports.run.spin()).rejects.toMatchObject({
      code: 'ERR_HL_TIMEOUT',
      kind: 'wall',
      limitMs: 100,
    });
    const stop = new AbortController();
    const spinning = own.with({ signal: stop.signal }).exports.run.spin();
    setTimeout(() => stop.abort('enough'), 20);
    await expect(spinning).rejects.toMatchObject({ code: 'ERR_HL_ABORT', cause: 'enough' });
    expect(await own.exports.run.next()).toBe(1);
  });

  test('wait for a host function no longer than they may', async () => {
    const later = () => new Promise(() => undefined);
    const own = await sandbox('calls', {
      imports: { 'test:calls/host': { ...imports['test:calls/host'], later } },
    });
    await expect(own.with({ timeoutMs: 100 }).exports.run.later('x')).rejects.toMatchObject({
      code: 'ERR_HL_TIMEOUT',
      message: expect.stringContaining('test:calls/host#later'),
    });
    expect(await own.exports.run.next()).toBe(1);
  });

  test('that exit end as exit', async () => {
    const { run } = (await made()).exports;
    await expect(run.exit()).rejects.toMatchObject({
      code: 'ERR_HL_TRAP',
      trap: 'exit',
      message: expect.stringContaining('status 0'),
    });
  });

  test('after close are refused', async () => {
    const own = await made();
    const pending = own.exports.run.spin();
    const refused = expect(pending).rejects.toBeInstanceOf(api.ClosedError);
    await own.close();
    await refused;
    await expect(own.exports.run.next()).rejects.toBeInstanceOf(api.ClosedError);
  });
});

eachRuntime('a component that asks the host before it is called', ({ sandbox }) => {
  test('cannot be started', async () => {
    const starting = sandbox('calls-early', { imports: { 'test:early/host': { tell: () => 7 } } });
    await expect(starting).rejects.toMatchObject({ code: 'ERR_HL_COMPONENT_START' });
  });
});
