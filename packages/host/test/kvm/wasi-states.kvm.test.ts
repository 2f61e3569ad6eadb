// What was granted, over the lives of states: pools, contexts, cancelled calls, and what each leaves open.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { AbortError, Pool, Sandbox, Snapshot, SnapshotError, TimeoutError } from '../../src/index.ts';
import type { HttpHandler } from '../../src/wasi/http/outgoing-handler.ts';
import { pathOf, sandboxOf } from './components.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hl-wasi-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'file'), 'content');
  return path;
}

const openBelow = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      // The listing's own, which is closed by now.
      return false;
    }
  }).length;

const RUN = 'wasi:cli/run';

describeWithKvm('what was granted', () => {
  test('is there in every VM of a pool', async () => {
    const path = folder();
    let out = '';
    const pool = await Pool.create({
      component: pathOf('program'),
      size: 2,
      wasi: {
        args: ['program', 'read', '/data/file'],
        preopens: { '/data': { path, access: 'read' } },
      },
      stdout: (text: string) => {
        out += text;
      },
    });
    await Promise.all(Array.from({ length: 6 }, () => pool.exports[RUN].run()));
    expect(out).toBe('content'.repeat(6));
    await pool.close();
    await expect.poll(() => openBelow(path)).toBe(0);
  });

  test('stays with a context, and in no snapshot of it', async () => {
    const path = folder();
    let out = '';
    const sandbox = await sandboxOf('program', {
      wasi: {
        args: ['program', 'read', '/data/file'],
        preopens: { '/data': { path, access: 'read' } },
      },
      stdout: (text: string) => {
        out += text;
      },
    });
    const context = await sandbox.context();
    await context.exports[RUN].run();
    expect(out).toBe('content');
    const error = await context.snapshot().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SnapshotError);
    expect((error as Error).message).toContain('Descriptor');
    await context.finish();
    await sandbox.exports[RUN].run();
    expect(out).toBe('contentcontent');
  });

  test('belongs to a snapshot, also in a file: who starts from it is granted the same parts', async () => {
    const path = folder();
    const file = join(path, 'state.hlsnap');
    let out = '';
    const stdout = (text: string): void => {
      out += text;
    };
    const args = (...words: string[]) => ({ args: ['program', ...words] });
    const sandbox = await sandboxOf('program', { wasi: { ...args('arguments'), stdin: 'x' } });
    using taken = await sandbox.snapshot();
    await taken.save(file);
    using loaded = await Snapshot.load(file);
    for (const snapshot of [taken, loaded]) {
      for (const wasi of [
        undefined,
        { stdin: 'x' },
        { ...args(), env: {} },
        { ...args(), env: {}, stdin: 'x' },
      ]) {
        const error = await Sandbox.create({ snapshot, ...(wasi && { wasi }) }).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ code: 'ERR_HL_SNAPSHOT', reason: 'wasi' });
      }
      const wasi = {
        ...args('read', '/data/file'),
        preopens: { '/data': { path, access: 'read' } },
      } as const;
      await using clone = await Sandbox.create({ snapshot, wasi, stdout });
      await clone.exports[RUN].run();
    }
    expect(out).toBe('contentcontent');
  });

  test('ends with a call that is cancelled: requests are aborted, late answers wanted no more', async () => {
    let aborted = 0;
    let answer = (): void => undefined;
    const http: HttpHandler = (request) =>
      new Promise((resolve) => {
        request.signal.addEventListener('abort', () => aborted++);
        answer = () => resolve(new Response('late'));
      });
    const sandbox = await sandboxOf('program', {
      wasi: { args: ['program', 'get', 'http://a/'], http },
    });
    const controller = new AbortController();
    const call = sandbox.with({ signal: controller.signal }).exports[RUN].run();
    setTimeout(() => controller.abort(), 50);
    await expect(call).rejects.toBeInstanceOf(AbortError);
    await expect.poll(() => aborted).toBe(1);
    answer();
    const late = sandbox.with({ timeoutMs: 100 }).exports[RUN].run();
    await expect(late).rejects.toBeInstanceOf(TimeoutError);
    await expect.poll(() => aborted).toBe(2);
  });

  test('ends with a call that is cancelled while it reads: nothing stays open', async () => {
    const path = folder();
    writeFileSync(join(path, 'large'), Buffer.alloc(20_000_000));
    const sandbox = await sandboxOf('program', {
      wasi: {
        args: ['program', 'length', '/data/large'],
        preopens: { '/data': { path, access: 'read' } },
      },
    });
    for (const timeoutMs of [5, 10, 20, 40]) {
      await sandbox
        .with({ timeoutMs })
        .exports[RUN].run()
        .catch(() => undefined);
      // The folder itself.
      await expect.poll(() => openBelow(path)).toBe(1);
    }
  });

  test('is read by nobody else: a stream that two sandboxes are given goes to who reads first', async () => {
    let out = '';
    const wasi = {
      args: ['program', 'stdin'],
      stdin: new Response('shared').body!,
    };
    const stdout = (text: string): void => {
      out += text;
    };
    const sandbox = await sandboxOf('program', { wasi, stdout });
    const [fork] = await sandbox.fork(1);
    onTestFinished(() => fork!.close());
    await fork!.exports[RUN].run();
    expect(out).toBe('shared');
    await expect(sandbox.exports[RUN].run()).rejects.toThrow(/locked/);
  });
});
