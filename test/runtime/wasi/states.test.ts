// What was granted, over the lives of states: pools, contexts, cancelled calls, and what each leaves open.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { folder, openBelow, pathOf, sandboxOf, type Wasi } from './support.js';

function folderWithFile(): string {
  const path = folder();
  writeFileSync(join(path, 'file'), 'content');
  return path;
}

const RUN = 'wasi:cli/run';

eachRuntime('what was granted', ({ api, name }) => {
  test('is there in every VM of a pool', async () => {
    const path = folderWithFile();
    let out = '';
    const pool = await api.Pool.create({
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
    const path = folderWithFile();
    let out = '';
    const sandbox = await sandboxOf(api, 'program', {
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
    expect(error).toBeInstanceOf(api.SnapshotError);
    expect((error as Error).message).toContain('Descriptor');
    await context.finish();
    await sandbox.exports[RUN].run();
    expect(out).toBe('contentcontent');
  });

  test('belongs to a snapshot, in a VM also to its file: who starts from it is granted the same parts', async () => {
    const path = folderWithFile();
    const file = join(path, 'state.hlsnap');
    let out = '';
    const stdout = (text: string): void => {
      out += text;
    };
    const args = (...words: string[]) => ({ args: ['program', ...words] });
    const sandbox = await sandboxOf(api, 'program', { wasi: { ...args('arguments'), stdin: 'x' } });
    const taken = await sandbox.snapshot();
    const snapshots = [taken];
    if (name === 'vm') {
      await taken.save(file);
      snapshots.push(await api.Snapshot.load(file));
    }
    for (const snapshot of snapshots) {
      for (const wasi of [
        undefined,
        { stdin: 'x' },
        { ...args(), env: {} },
        { ...args(), env: {}, stdin: 'x' },
      ]) {
        const error = await api.Sandbox.create({ snapshot, ...(wasi && { wasi }) }).catch(
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ code: 'ERR_HL_SNAPSHOT', reason: 'wasi' });
      }
      const wasi = {
        ...args('read', '/data/file'),
        preopens: { '/data': { path, access: 'read' } },
      } as const;
      await using clone = await api.Sandbox.create({ snapshot, wasi, stdout });
      await clone.exports[RUN].run();
    }
    expect(out).toBe('content'.repeat(snapshots.length));
    for (const snapshot of snapshots) snapshot.close();
  });

  test('ends with a call that is cancelled: requests are aborted, late answers wanted no more', async () => {
    let aborted = 0;
    let answer = (): void => undefined;
    const http: NonNullable<Wasi['http']> = (request) =>
      new Promise((resolve) => {
        request.signal.addEventListener('abort', () => aborted++);
        answer = () => resolve(new Response('late'));
      });
    const sandbox = await sandboxOf(api, 'program', {
      wasi: { args: ['program', 'get', 'http://a/'], http },
    });
    const controller = new AbortController();
    const call = sandbox.with({ signal: controller.signal }).exports[RUN].run();
    setTimeout(() => controller.abort(), 50);
    await expect(call).rejects.toBeInstanceOf(api.AbortError);
    await expect.poll(() => aborted).toBe(1);
    answer();
    const late = sandbox.with({ timeoutMs: 3_000 }).exports[RUN].run();
    await expect(late).rejects.toBeInstanceOf(api.TimeoutError);
    await expect.poll(() => aborted).toBe(2);
  });

  test('ends with a call that is cancelled while it reads: nothing stays open', async () => {
    const path = folderWithFile();
    writeFileSync(join(path, 'large'), Buffer.alloc(20_000_000));
    const sandbox = await sandboxOf(api, 'program', {
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
    const sandbox = await sandboxOf(api, 'program', { wasi, stdout });
    const [fork] = await sandbox.fork(1);
    onTestFinished(() => fork!.close());
    await fork!.exports[RUN].run();
    expect(out).toBe('shared');
    await expect(sandbox.exports[RUN].run()).rejects.toThrow(/locked/);
  });
});
