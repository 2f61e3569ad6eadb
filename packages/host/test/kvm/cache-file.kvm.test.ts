// The cache when its writers are killed: it has a whole artifact or none, a later load works, and what was left goes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { cacheFolder } from '../../src/component/cache.ts';
import { Component } from '../../src/index.ts';
import { pathOf, sandboxOf } from './components.ts';
import { dist } from './programs.ts';

/** A cache of this test's own. */
function ownCache(): void {
  const before = process.env['XDG_CACHE_HOME'];
  const folder = mkdtempSync(join(tmpdir(), 'hl-cache-'));
  process.env['XDG_CACHE_HOME'] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
    rmSync(folder, { recursive: true });
  });
}

function namesOf(extension: string): string[] {
  try {
    return readdirSync(cacheFolder()).filter((name) => name.endsWith(extension));
  } catch {
    // Nobody has made the folder yet.
    return [];
  }
}

const unfinished = (): string[] => namesOf('.tmp');

/** Whether the counter was in the cache. Whatever is there, is whole: code that is damaged would not start. */
async function loads(): Promise<boolean> {
  let compiled = false;
  const onProgress = ({ stage }: { stage: string }): void => {
    compiled ||= stage === 'compile';
  };
  const component = await Component.load(pathOf('counter'), { onProgress });
  const sandbox = await sandboxOf('counter', { component });
  expect(await sandbox.exports.next()).toBe(1);
  await sandbox.close();
  return !compiled;
}

/** A process that compiles the counter, in a group together with its compiler. It says when it begins. */
function compiling() {
  const folder = mkdtempSync(join(tmpdir(), 'hl-cache-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'main.mjs');
  writeFileSync(
    file,
    `import { Component } from ${JSON.stringify(dist('index.mjs'))};
    await Component.load(${JSON.stringify(pathOf('counter'))}, { onProgress: () => console.log('compiling') });`,
  );
  return () => spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
}

/** Until something is being written, or has been. */
async function untilWriting(): Promise<string | undefined> {
  const before = new Set(unfinished());
  for (;;) {
    const name = unfinished().find((one) => !before.has(one));
    if (name !== undefined || namesOf('.hlc').length > 0) return name;
    await setImmediate();
  }
}

const AGE_SECONDS = 11 * 60;

describeWithKvm('a cache whose writers are killed', () => {
  test('has a whole artifact or none, wherever process and compiler are killed', {
    timeout: 120_000,
  }, async () => {
    ownCache();
    const start = compiling();
    const seen = new Set<boolean>();
    const isDone = (): boolean => seen.size === 2 && unfinished().length > 1;
    for (let round = 0; round < 24 || (round < 200 && !isDone()); round++) {
      for (const name of namesOf('.hlc')) rmSync(join(cacheFolder(), name));
      const child = start();
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      // At any moment; or, which is the worst, in the middle of the write.
      if (round % 2 === 0) await setTimeout(round % 3 === 0 ? 2 * round : round);
      else await untilWriting();
      kill(-child.pid!);
      await ended;
      seen.add(await loads());
      expect(await loads()).toBe(true);
    }
    // Kills came before the rename and after it, and some in the middle of a write.
    expect({ seen: [...seen].sort(), cutOff: unfinished().length > 1 }).toEqual({
      seen: [false, true],
      cutOff: true,
    });
    // Whoever may still be writing is left alone.
    const [young, ...old] = unfinished();
    const then = Date.now() / 1_000 - AGE_SECONDS;
    for (const name of old) utimesSync(join(cacheFolder(), name), then, then);
    const foreign = join(cacheFolder(), 'notes.1.tmp');
    writeFileSync(foreign, 'of somebody else');
    utimesSync(foreign, then, then);
    for (const name of namesOf('.hlc')) rmSync(join(cacheFolder(), name));
    expect(await loads()).toBe(false);
    expect(unfinished().sort()).toEqual([young, 'notes.1.tmp'].sort());
  });

  test('loses what a compiler was writing that is killed alone, and compiles the next time', async () => {
    ownCache();
    let cutOff = 0;
    for (let round = 0; round < 200 && cutOff < 3; round++) {
      for (const name of namesOf('.hlc')) rmSync(join(cacheFolder(), name));
      const load = Component.load(pathOf('counter')).then(
        () => undefined,
        (error: unknown) => error,
      );
      await untilWriting();
      for (const pid of compilers()) kill(pid);
      const error = await load;
      if (error !== undefined) {
        expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_LIMIT' });
        cutOff++;
      }
      expect(unfinished()).toEqual([]);
      expect(await loads()).toBe(error === undefined);
    }
    expect(cutOff).toBe(3);
  });
});

/** Those that this process has started. */
function compilers(): number[] {
  return readdirSync('/proc/self/task')
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((pid) => pid !== '' && isCompiler(pid))
    .map(Number);
}

function isCompiler(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'hl-compile\n';
  } catch {
    // It has ended.
    return false;
  }
}

/** It may have ended by now. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    expect(error).toMatchObject({ code: 'ESRCH' });
  }
}
