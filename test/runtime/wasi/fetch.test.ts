// A component that answers HTTP requests: streamed both ways, ended by limits and by who asked.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WitError } from '@hl/host';
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { folder, sandboxOf } from './support.js';

const ask = (path: string, init: RequestInit = {}): Request => new Request(`http://example.com${path}`, init);

eachRuntime('sandbox.fetch', ({ api }) => {
  test('asks the component, from the base state each time', async () => {
    let printed = '';
    const sandbox = await sandboxOf(api, 'handler', {
      stdout: (text: string) => {
        printed += text;
      },
    });
    for (let n = 0; n < 2; n++) {
      const response = await sandbox.fetch(ask('/a?b', { method: 'DELETE' }));
      expect([response.status, response.headers.get('x-handler')]).toEqual([201, 'yes']);
      expect(await response.text()).toBe('Method::Delete /a?b Some("example.com") 1');
    }
    expect(printed).toBe('asked for /a?b\nasked for /a?b\n');
  });

  test('streams: what is read of the answer is sent while the rest is not there yet', async () => {
    const sandbox = await sandboxOf(api, 'handler');
    let give: (chunk: string | undefined) => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        give = (chunk) => {
          if (chunk === undefined) controller.close();
          else controller.enqueue(new TextEncoder().encode(chunk));
        };
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const response = await sandbox.fetch(ask('/echo', init));
    const reader = response.body!.pipeThrough(new TextDecoderStream() as never).getReader();
    give('one');
    expect((await reader.read()).value).toBe('one');
    give('two');
    expect((await reader.read()).value).toBe('two');
    give(undefined);
    expect((await reader.read()).done).toBe(true);
  });

  test('bodies of any size go through, slowly read or not', async () => {
    const sandbox = await sandboxOf(api, 'handler');
    const sent = new Uint8Array(2_000_000).map((_byte, index) => index % 251);
    const response = await sandbox.fetch(ask('/echo', { method: 'POST', body: sent }));
    const received = new Uint8Array(await response.arrayBuffer());
    expect(Buffer.compare(received, sent)).toBe(0);
  });

  test('what the component does wrong is told, and the next request works', async () => {
    const sandbox = await sandboxOf(api, 'handler');
    await expect(sandbox.fetch(ask('/silent'))).rejects.toThrow('the guest returned without an answer');
    await expect(sandbox.fetch(ask('/panic'))).rejects.toBeInstanceOf(api.TrapError);
    const error = await sandbox.fetch(ask('/error')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(api.WitError);
    expect((error as WitError).payload).toEqual({ tag: 'loop-detected' });
    const broken = await sandbox.fetch(ask('/broken'));
    await expect(broken.text()).rejects.toBeInstanceOf(api.TrapError);
    expect((await sandbox.fetch(ask('/'))).status).toBe(201);
  });

  test('limits and signals end it', async () => {
    const sandbox = await sandboxOf(api, 'handler');
    const never = (): RequestInit =>
      ({ method: 'POST', body: new ReadableStream({}), duplex: 'half' }) as RequestInit;
    const late = await sandbox.with({ timeoutMs: 300 }).fetch(ask('/echo', never()));
    await expect(late.text()).rejects.toBeInstanceOf(api.TimeoutError);
    const controller = new AbortController();
    const aborted = await sandbox.fetch(ask('/echo', { ...never(), signal: controller.signal }));
    controller.abort();
    await expect(aborted.text()).rejects.toBeInstanceOf(api.AbortError);
    expect((await sandbox.fetch(ask('/'))).status).toBe(201);
  });

  test("a reader that leaves ends the component's writing", async () => {
    const sandbox = await sandboxOf(api, 'handler');
    const sent = new Uint8Array(5_000_000);
    const response = await sandbox.fetch(ask('/echo', { method: 'POST', body: sent }));
    await response.body!.cancel();
    expect((await sandbox.fetch(ask('/'))).status).toBe(201);
  });

  test('a component that answers requests has what it was granted, and nothing more', async () => {
    const path = folder();
    writeFileSync(join(path, 'file'), 'content');
    const alone = await sandboxOf(api, 'handler');
    expect(await (await alone.fetch(ask('/files'))).text()).toBe('NotFound');
    const sandbox = await sandboxOf(api, 'handler', {
      wasi: { preopens: { '/data': { path, access: 'read' } } },
    });
    expect(await (await sandbox.fetch(ask('/files'))).text()).toBe('content');
  });

  test('is a direct call, and for components that answer requests', async () => {
    const sandbox = await sandboxOf(api, 'handler');
    const context = await sandbox.context();
    await expect(sandbox.fetch(ask('/'))).rejects.toBeInstanceOf(api.ContextOpenError);
    await context.finish();
    await expect(sandbox.fetch('http://a/' as unknown as Request)).rejects.toThrow(
      'expected a Request, got string',
    );
    const program = await sandboxOf(api, 'program');
    await expect(program.fetch(ask('/'))).rejects.toThrow(
      'the component does not export wasi:http/incoming-handler',
    );
  });
});
