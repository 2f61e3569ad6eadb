// The add-on as src/binding.ts sees it: which way answers go, what ends a call, how a sandbox and its process end.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { CallStatus } from '../../src/binding.ts';
import { addonPath, binding, compile, Driven, LONG_MS, text } from './driver.ts';

describeWithKvm('the add-on', () => {
  const counter = compile('counter');
  const conformance = compile('conformance');

  test('state lasts through calls that keep it, until a reset', async () => {
    const driven = await Driven.ready(counter);
    expect([await driven.number('next'), await driven.number('next')]).toEqual([1, 1]);
    expect([await driven.number('next', true), await driven.number('next', true)]).toEqual([1, 2]);
    binding.reset(driven.handle, 1000);
    expect(await driven.next('done')).toEqual({ kind: 'done', request: 1000 });
    expect(await driven.number('next', true)).toBe(1);
    binding.rebase(driven.handle, 1001);
    await driven.next('done');
    expect([await driven.number('next'), await driven.number('next')]).toEqual([2, 2]);
    await driven.close();
  });

  test('each answer goes exactly one way, however long the caller waits for it', async () => {
    const driven = await Driven.ready(counter);
    const ways = { direct: 0, event: 0 };
    for (let turn = 0; turn < 3000; turn++) {
      const { call, status } = driven.start('next', { waitUs: (turn * 7) % 120 });
      if (status === CallStatus.PENDING) {
        expect(await driven.next('returned')).toMatchObject({ kind: 'returned', call });
        ways.event += 1;
      } else {
        expect([...driven.reply(status)]).toEqual([1, 0, 0, 0]);
        ways.direct += 1;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(driven.events).toEqual([]);
    expect(ways.direct * ways.event, JSON.stringify(ways)).toBeGreaterThan(0);
    expect(binding.stats(driven.handle)).toMatchObject({ calls: 3000, replacements: 0 });
    await driven.close();
  });

  test('a request and a reply that are longer than the buffers travel apart', async () => {
    const driven = await Driven.ready(conformance);
    const long = text('x'.repeat(100_000));
    const options = { request: long, keep: true, waitUs: 1_000_000 };
    let { status } = driven.start('echo-string', options);
    for (let others = 0; status === CallStatus.PENDING && others < 100; others++) {
      // Memory that the guest asks for comes from the sandbox's thread, and so does the answer then: by event.
      expect(Buffer.compare((await driven.next('returned')).reply, long)).toBe(0);
      ({ status } = driven.start('echo-string', options));
    }
    expect(Buffer.compare(driven.reply(status), long)).toBe(0);
    expect(status).toBe(CallStatus.RETURNED_LARGE);
    expect(binding.takeReply(driven.handle)).toEqual(new Uint8Array());
    await driven.close();
  });

  test('an answer never overtakes the text and the host calls before it', async () => {
    const driven = await Driven.ready(conformance);
    const { call, status } = driven.start('print', { request: text('hello'), waitUs: 1_000_000 });
    expect(status).toBe(CallStatus.PENDING);
    const output = await driven.next('output');
    expect([output.stream, Buffer.from(output.bytes).toString()]).toEqual([1, 'hello\n']);
    expect((await driven.next('returned')).call).toBe(call);
    await driven.close();
  });

  test('host functions are asked and answered by event; one that throws ends the call', async () => {
    const driven = await Driven.ready(conformance);
    const { status } = driven.start('host-transform', { request: text('abc') });
    expect(status).toBe(CallStatus.PENDING);
    const first = await driven.next('hostCall');
    expect(conformance.imports[first.import]?.[1]).toBe('transform');
    expect(first.arguments).toEqual(new Uint8Array(text('abc')));
    expect(driven.resume(first.hostCall + 1, true, text('not asked for'))).toBe(CallStatus.STALE);
    expect(driven.resume(first.hostCall, true, text('ABC'))).toBe(CallStatus.PENDING);
    const returned = await driven.next('returned');
    expect(returned.reply).toEqual(new Uint8Array(text('ABC')));
    expect(returned.hostCalls).toBe(1);
    driven.start('host-transform', { request: text('abc') });
    const asked = await driven.next('hostCall');
    driven.resume(asked.hostCall, false, Buffer.from('no such text'));
    const failed = await driven.next('failed');
    expect(failed.error).toMatchObject({ code: 'host-function', message: 'no such text' });
    await driven.close();
  });

  test('host functions are asked and answered in place while the caller waits', async () => {
    const driven = await Driven.ready(conformance);
    const options = { request: text('abc'), waitUs: 1_000_000 };
    let { status } = driven.start('host-transform', options);
    for (let others = 0; status === CallStatus.PENDING && others < 100; others++) {
      const asked = await driven.next('hostCall');
      driven.resume(asked.hostCall, true, text('ABC'));
      await driven.next('returned');
      ({ status } = driven.start('host-transform', options));
    }
    expect(status).toBe(CallStatus.HOST_CALL);
    const asked = driven.asked();
    expect(conformance.imports[asked.import]?.[1]).toBe('transform');
    expect(asked.arguments).toEqual(new Uint8Array(text('abc')));
    expect(driven.resume(asked.hostCall + 1, true, text('not asked for'))).toBe(CallStatus.STALE);
    const returned = driven.resume(asked.hostCall, true, text('ABC'), 1_000_000);
    expect(returned).toBe(CallStatus.RETURNED);
    expect(driven.reply(returned)).toEqual(new Uint8Array(text('ABC')));
    expect(driven.events).toEqual([]);
    await driven.close();
  });

  test('a host function that never answers ends by timeout, by interrupt, or by closing', async () => {
    const driven = await Driven.ready(conformance);
    driven.start('host-transform', { request: text('abc'), ms: 20 });
    await driven.next('hostCall');
    expect((await driven.next('failed')).error).toEqual({ code: 'timeout', kind: 'wall' });
    const { call } = driven.start('host-transform', { request: text('abc') });
    await driven.next('hostCall');
    binding.interrupt(driven.handle, call);
    expect(await driven.next('failed')).toEqual({ kind: 'failed', call, error: { code: 'interrupted' } });
    driven.start('host-transform', { request: text('abc') });
    await driven.next('hostCall');
    binding.close(driven.handle);
    expect((await driven.next('failed')).error).toMatchObject({ code: 'closed' });
    await driven.next('closed');
  });

  test('a loop ends by either clock or by interrupt, and the next call works', async () => {
    const limited = await Driven.ready({ ...conformance, cpuTimeoutMs: 20 });
    limited.start('spin');
    expect((await limited.next('failed')).error).toEqual({ code: 'timeout', kind: 'cpu' });
    expect(await limited.number('counter-next')).toBe(1);
    await limited.close();
    const driven = await Driven.ready(conformance);
    driven.start('spin', { ms: 20, waitUs: 1_000_000 });
    const { call } = driven.start('spin');
    const queued = driven.start('spin');
    expect((await driven.next('failed')).error).toEqual({ code: 'timeout', kind: 'wall' });
    binding.interrupt(driven.handle, queued.call);
    binding.interrupt(driven.handle, call);
    expect(await driven.next('failed')).toEqual({ kind: 'failed', call, error: { code: 'interrupted' } });
    expect((await driven.next('failed')).call).toBe(queued.call);
    expect(await driven.number('counter-next')).toBe(1);
    await driven.close();
  });

  test('closing ends the running call and those behind it, and the handle is never good again', async () => {
    const driven = await Driven.ready(conformance);
    const calls = [driven.start('spin').call, driven.start('spin').call];
    binding.close(driven.handle);
    for (const call of calls) {
      expect(await driven.next('failed')).toMatchObject({ call, error: { code: 'closed' } });
    }
    await driven.next('closed');
    expect(() => binding.stats(driven.handle)).toThrow(/is closed/);
    binding.close(driven.handle);
    const next = await Driven.ready(counter);
    expect(next.handle).not.toBe(driven.handle);
    expect(() => driven.start('spin')).toThrow(/is closed/);
    await next.close();
  });

  test('a sandbox that cannot be made says why and is gone', async () => {
    for (const [broken, code] of [
      [{ code: { ...counter.code, artifactPath: '/nowhere' } }, 'internal'],
      [{ code: { ...counter.code, codeChecksum: '0123456789abcdef' } }, 'damaged-code'],
      [{ exports: [[null, 'no-such-function']] }, 'load'],
      [{ memoryBytes: 4096 }, 'limit'],
      [{ timeoutMs: 0.001 }, 'timeout'],
    ] as const) {
      const options = { ...counter, ...broken } as typeof counter;
      const driven = new Driven(options);
      expect(await driven.next('failed')).toMatchObject({ call: 0, error: { code } });
      await driven.next('closed');
    }
    const code = { ...counter.code, codeBytes: -1 };
    expect(() => new Driven({ ...counter, code })).toThrow('codeBytes cannot be -1');
  });

  test('a process ends with sandboxes in any state, held ones excepted', () => {
    for (const [fixture, ...rest] of [['exit'], ['idle'], ['workers'], ['uncaught', 1]] as const) {
      const path = fileURLToPath(new URL(`fixtures/${fixture}.mjs`, import.meta.url));
      const options = JSON.stringify({ addonPath, counter, conformance });
      const ended = spawnSync(process.execPath, [path, options], { encoding: 'utf8', timeout: LONG_MS });
      const told = `${fixture}: ${ended.signal ?? ''} ${ended.stdout} ${ended.stderr}`;
      expect(ended.status, told).toBe(rest[0] ?? 0);
      if (fixture !== 'uncaught') expect(ended.stdout.trim(), told).toBe('good');
    }
  });
});
