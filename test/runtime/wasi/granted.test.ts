// A program and what it was granted: its arguments, its input, a folder, time and the web.
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { LimitError } from '@hl/host';
import { expect, onTestFinished, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { folder, openBelow, programOf, sandboxOf, type Wasi } from './support.js';

eachRuntime('a program that was granted', ({ api }) => {
  const { sandboxWith, runIn, run, output } = programOf(api);

  test('arguments and an environment, has these and nothing else', async () => {
    expect(await output(['arguments', 'a b', 'ü'])).toBe('["program", "arguments", "a b", "ü"]\n');
    expect(await output(['environment'], { env: { A: 'b', C: 'd=e' } })).toBe('A=b\nC=d=e\n');
    expect(await output(['environment'])).toBe('');
  });

  test('stdin, reads it to its end, in each call from the start', async () => {
    expect(await output(['stdin'], { stdin: 'hello' })).toBe('hello');
    async function* lines() {
      yield 'one\ntw';
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield 'o\n';
    }
    expect(await output(['lines'], { stdin: lines() })).toBe('> one\n> two\n');
    const sandbox = await sandboxWith({ args: ['program', 'stdin'], stdin: 'again' });
    expect((await runIn(sandbox)).out).toBe('again');
    expect((await runIn(sandbox)).out).toBe('again');
    expect(await output(['stdin'], { stdin: 'x'.repeat(300_000) })).toBe('x'.repeat(300_000));
  });

  test('a folder, works on files as everywhere', async () => {
    const path = folder();
    const wasi: Wasi = { preopens: { '/data': { path, access: 'read-write' } } };
    const silently = async (...words: string[]) => expect(await output(words, wasi)).toBe('');
    await silently('write', '/data/file', 'hello world');
    expect(readFileSync(join(path, 'file'), 'utf8')).toBe('hello world');
    expect(await output(['read', '/data/file'], wasi)).toBe('hello world');
    await silently('append', '/data/file', '!');
    expect(await output(['patch', '/data/file', '6', 'W'], wasi)).toBe('hello World!\n');
    await silently('truncate', '/data/file', '5');
    await silently('touch', '/data/file', '1000');
    await silently('make', '/data/a/b/c');
    await silently('copy', '/data/file', '/data/a/copy');
    await silently('rename', '/data/a/copy', '/data/a/b/moved');
    await silently('link', '/data/file', '/data/linked');
    await silently('symlink', '../file', 'a/symbolic');
    expect(await output(['read', '/data/a/symbolic'], wasi)).toBe('hello');
    expect(await output(['list', '/data'], wasi)).toBe('a/ file linked\n');
    expect(await output(['list', '/data/a/b'], wasi)).toBe('c/ moved\n');
    await silently('fill', '/data/large', '3000000');
    expect(await output(['length', '/data/large'], wasi)).toBe('3000000\n');
    await silently('remove', '/data/linked');
    await silently('remove-all', '/data/a');
    expect(readdirSync(path).sort()).toEqual(['file', 'large']);
    expect(openBelow(path)).toBe(0);
  });

  test('a folder to read, cannot change it, and hears why', async () => {
    const path = folder();
    writeFileSync(join(path, 'file'), 'content');
    const wasi: Wasi = { preopens: { '/data': { path, access: 'read' } } };
    expect(await output(['read', '/data/file'], wasi)).toBe('content');
    expect(await output(['list', '/data'], wasi)).toBe('file\n');
    for (const words of [
      ['write', '/data/file', 'x'],
      ['append', '/data/file', 'x'],
      ['write', '/data/new', 'x'],
      ['truncate', '/data/file', '0'],
      ['remove', '/data/file'],
      ['rename', '/data/file', '/data/new'],
      ['make', '/data/new'],
      ['link', '/data/file', '/data/new'],
    ]) {
      const { errors, failure } = await run(words, wasi);
      expect(errors, words.join(' ')).toMatch(/^ReadOnlyFilesystem/);
      expect(failure).toBeInstanceOf(api.WitError);
    }
    expect(readdirSync(path)).toEqual(['file']);
    expect(readFileSync(join(path, 'file'), 'utf8')).toBe('content');
  });

  test('a folder, does not get out of it', async () => {
    const outside = folder();
    const path = folder();
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(join(outside, 'secret'), join(path, 'absolute'));
    symlinkSync(`../${outside.slice(outside.lastIndexOf('/') + 1)}`, join(path, 'up'));
    symlinkSync('/proc/self/root', join(path, 'proc'));
    const wasi: Wasi = { preopens: { '/data': { path, access: 'read-write' } } };
    for (const words of [
      ['read', '/data/absolute'],
      ['read', '/data/up/secret'],
      ['read', '/data/proc/etc/passwd'],
      ['write', '/data/up/new', 'x'],
      ['make', '/data/up/new'],
      ['remove', '/data/up/secret'],
      ['symlink', '/etc/passwd', 'mine'],
    ]) {
      const { out, errors } = await run(words, wasi);
      expect([out, errors], words.join(' ')).toEqual([
        '',
        expect.stringMatching(/PermissionDenied|not-permitted/),
      ]);
    }
    expect((await run(['read', '/data/../etc/passwd'], wasi)).failure).toBeInstanceOf(api.WitError);
    expect((await run(['read', '/etc/passwd'], wasi)).failure).toBeInstanceOf(api.WitError);
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  test('files, loses them when its state ends, however it ends', async () => {
    const path = folder();
    writeFileSync(join(path, 'file'), 'content');
    const preopens = { '/data': { path, access: 'read' } } as const;
    const sandbox = await sandboxWith({ args: ['program', 'hold', '/data/file'], preopens });
    expect((await runIn(sandbox)).failure).toBeInstanceOf(api.TrapError);
    await expect.poll(() => openBelow(path)).toBe(1);
    const context = await sandbox.context();
    await context.exports['wasi:cli/run'].run().catch(() => undefined);
    await expect.poll(() => openBelow(path)).toBe(1);
    await sandbox.close();
    await expect.poll(() => openBelow(path)).toBe(0);
  });

  test('clocks, is told that time, and waits in real time', async () => {
    const now = { now: () => 1_000_000_000_000 };
    expect(await output(['now'], { clocks: now })).toBe('1000000000000\n');
    const before = performance.now();
    expect(await output(['sleep', '30'], { clocks: 'frozen' })).toBe('false\n');
    expect(performance.now() - before).toBeGreaterThanOrEqual(30);
    expect(await output(['sleep', '20'], { stdin: '' })).toBe('true\n');
    expect(await output(['race', '15', '60000'])).toBe('[1] true\n');
    expect(await output(['race', '15', '60000'], { stdin: '' })).toBe('[1] true\n');
  });

  test('streams, is stopped in its waiting by the deadline', async () => {
    for (const wasi of [{}, { stdin: '' }]) {
      const sandbox = await sandboxWith({ args: ['program', 'sleep', '60000'], ...wasi });
      const { failure } = await runIn(sandbox.with({ timeoutMs: 200 }));
      expect(failure).toBeInstanceOf(api.TimeoutError);
    }
  });

  test('http, gets what the function answers', async () => {
    const http = async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/denied') throw new api.WitError({ tag: 'HTTP-request-denied' });
      if (pathname === '/secret') throw new Error('the host knows why');
      const text = `${request.method} ${pathname} ${request.headers.get('x-program')} ${await request.text()}`;
      return new Response(text, { status: 203, headers: { 'x-server': 'yes' } });
    };
    expect(await output(['get', 'http://example.com/a?b'], { http })).toBe('203 Some("yes")\nGET /a 1 ');
    expect(await output(['post', 'https://example.com/', 'hello'], { http })).toBe(
      '203 Some("yes")\nPOST / 1 hello',
    );
    expect((await run(['get', 'http://a/denied'], { http })).errors).toContain('HttpRequestDenied');
    expect((await run(['get', 'http://a/secret'], { http })).errors).toContain('InternalError(None)');
    expect((await run(['get', 'http://a/'], { stdin: '' })).errors).toContain('HttpRequestDenied');
    const wrong = { http: () => 'text' } as unknown as Wasi;
    const { failure } = await run(['get', 'http://a/'], wrong);
    expect(failure).toBeInstanceOf(api.HostFunctionError);
    expect((failure as Error).message).toContain(
      'wasi.http: expected the function to answer a Response, got string',
    );
  });

  test('fetch, reaches the web', async () => {
    const server = createServer((_request, response) => response.end('y'.repeat(500_000)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await output(['get', url], { http: fetch as unknown as NonNullable<Wasi['http']> })).toBe(
      `200 None\n${'y'.repeat(500_000)}`,
    );
    server.closeAllConnections();
  });

  test('streams, writes no more than it may', async () => {
    const { failure } = await run(
      ['stdin'],
      { stdin: 'x'.repeat(100_000) },
      { limits: { maxOutputBytes: 1_000 } },
    );
    expect(failure).toBeInstanceOf(api.LimitError);
    expect((failure as LimitError).limit).toBe('maxOutputBytes');
  });

  test('an exit status, has it in the error; Rust knows but failure', async () => {
    const { failure } = await run(['exit', '7']);
    expect(failure).toMatchObject({ trap: 'exit', exitStatus: 1 });
  });

  test('what it asks for while it starts, is started by each call, and by a context once', async () => {
    const isolated = await sandboxOf(api, 'early');
    expect(await isolated.exports.count()).toBe(0);
    const sandbox = await sandboxOf(api, 'early', { wasi: { args: ['a', 'b', 'c'] } });
    expect(await sandbox.exports.count()).toBe(3);
    // Arguments in many chunks, which come before what the host answers meanwhile.
    expect(await sandbox.exports.sum(new Uint8Array(5_000_000))).toBe(5_000_003);
    expect(sandbox.stats.hostCalls).toBe(2);
    const context = await sandbox.context();
    expect(await context.exports.sum(new Uint8Array(7))).toBe(10);
    expect(await context.exports.count()).toBe(3);
    expect(sandbox.stats.hostCalls).toBe(3);
    await context.finish();
    using snapshot = await sandbox.snapshot();
    await using clone = await api.Sandbox.create({ snapshot, wasi: { args: ['z'] } });
    expect(await clone.exports.count()).toBe(1);
  });

  test('all of it, has it in forks as well', async () => {
    const path = folder();
    writeFileSync(join(path, 'file'), 'content');
    const preopens = { '/data': { path, access: 'read' } } as const;
    const sandbox = await sandboxWith({ args: ['program', 'read', '/data/file'], preopens });
    const [fork] = await sandbox.fork(1);
    onTestFinished(() => fork!.close());
    await sandbox.close();
    expect((await runIn(fork!)).out).toBe('content');
  });

  test('streams, cannot be given them by imports', async () => {
    const imports = { 'wasi:io/poll': {} };
    await expect(sandboxWith({ stdin: '' }, { imports })).rejects.toThrow(
      'only the option wasi grants more of it',
    );
    await expect(sandboxWith({ stdin: '' }, { imports: { 'a:b/c': {} } })).rejects.toThrow(
      'the component imports no such interface; it imports nothing from the host',
    );
  });

  test('a folder that is not there: no sandbox', async () => {
    const preopens = { '/data': { path: '/no/such', access: 'read' } } as const;
    await expect(sandboxWith({ preopens })).rejects.toThrow(
      "wasi.preopens['/data'].path: cannot open /no/such",
    );
  });
});
