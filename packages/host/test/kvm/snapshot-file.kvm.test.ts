// Snapshots as files: another process goes on from one, a save that is cut off leaves the old one, damage is noticed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { cacheFolder } from '../../src/component/cache.ts';
import { Component, MiB, Pool, Sandbox, Snapshot } from '../../src/index.ts';
import { pathOf, sandboxOf } from './components.ts';

const dist = fileURLToPath(new URL('../../dist/index.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hl-snapshot-'));

/** A program in a process of its own, and what it prints. */
function program(text: string): string {
  const path = join(folder, `program-${text.length}.mjs`);
  writeFileSync(path, `import { Sandbox, Snapshot } from ${JSON.stringify(dist)};\n${text}`);
  return path;
}

/** The file of a counter that has counted to two. */
async function saved(name: string): Promise<string> {
  const sandbox = await sandboxOf('counter');
  const context = await sandbox.context();
  await context.exports.next();
  await context.exports.next();
  const path = join(folder, name);
  await (await context.snapshot()).save(path);
  return path;
}

async function goOn(snapshot: Snapshot): Promise<number> {
  const sandbox = await Sandbox.create({ snapshot });
  onTestFinished(() => sandbox.close());
  return await sandbox.exports.next();
}

const loading = (path: string): Promise<Snapshot> => Snapshot.load(path);

/** A cache that only this test uses, for as long as it runs. */
function ownCache(): void {
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = mkdtempSync(join(tmpdir(), 'hl-cache-'));
  onTestFinished(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
}

describeWithKvm('snapshot files', () => {
  test('another process goes on where this one saved', async () => {
    const path = await saved('two.hlsnap');
    const text = `
      const snapshot = await Snapshot.load(${JSON.stringify(path)});
      const sandbox = await Sandbox.create({ snapshot });
      const context = await sandbox.context();
      console.log(await context.exports.next(), await context.exports.next(), snapshot.component.hash);
      await context.finish();
      console.log(await sandbox.exports.next());`;
    const { stdout, stderr } = spawnSync(process.execPath, [program(text)], { encoding: 'utf8' });
    const { hash } = await Component.load(pathOf('counter'));
    expect({ stdout, stderr }).toEqual({ stdout: `3 4 ${hash}\n3\n`, stderr: '' });
  });

  test('a file loads here, too, and may be saved over', async () => {
    const path = await saved('here.hlsnap');
    const snapshot = await loading(path);
    expect(await goOn(snapshot)).toBe(3);
    await snapshot.save(new URL(`file://${path}`));
    expect(await goOn(await loading(path))).toBe(3);
    expect(readdirSync(folder).filter((name) => name.startsWith('.here.hlsnap.'))).toEqual([]);
  });

  test('a save that is killed leaves the old file or the new one', async () => {
    const [source, path] = [await saved('old.hlsnap'), await saved('killed.hlsnap')];
    const text = `
      const old = await Snapshot.load(${JSON.stringify(source)});
      const context = await (await Sandbox.create({ snapshot: old })).context();
      await context.exports.next();
      const newer = await context.snapshot();
      console.log('saving');
      for (;;) for (const snapshot of [newer, old]) await snapshot.save(${JSON.stringify(path)});`;
    const file = program(text);
    const wasCutOff = (): boolean => readdirSync(folder).some((name) => name.startsWith('.killed.hlsnap.'));
    for (let round = 0; round < 3 || (round < 50 && !wasCutOff()); round++) {
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await setTimeout(round);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect([3, 4]).toContain(await goOn(await loading(path)));
    }
    // What was being written lies beside it. Without that, no kill came in the middle.
    expect(wasCutOff()).toBe(true);
  });

  test('what starts from a file draws chance of its own', async () => {
    const sandbox = await sandboxOf('conformance');
    const path = join(folder, 'chance.hlsnap');
    await (await sandbox.snapshot()).save(path);
    const text = `
      const snapshot = await Snapshot.load(${JSON.stringify(path)});
      const none = () => undefined;
      const host = { add: none, notify: none, transform: none, describe: none, manyParameters: none };
      for (let clone = 0; clone < 2; clone++) {
        const sandbox = await Sandbox.create({ snapshot, imports: { 'hl:conformance/host': host } });
        console.log(String(await sandbox.exports.run.randomU64()));
        await sandbox.close();
      }`;
    const file = program(text);
    const runs = [0, 1].map(() => spawnSync(process.execPath, [file], { encoding: 'utf8' }));
    expect(runs.map(({ stderr }) => stderr)).toEqual(['', '']);
    const drawn = runs.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(drawn.filter((number) => /^\d+$/.test(number))).toHaveLength(4);
    expect(new Set(drawn).size).toBe(4);
  });

  test('no file decides by itself that a sandbox has more memory than the default', async () => {
    const path = join(folder, 'large.hlsnap');
    const large = await sandboxOf('counter', { limits: { memoryBytes: MiB(257) } });
    const own = await large.snapshot();
    await own.save(path);
    // Its own process has allowed that already.
    expect(await goOn(own)).toBe(1);
    const snapshot = await loading(path);
    const refusal = {
      name: 'RangeError',
      message: expect.stringMatching(
        /^limits\.memoryBytes: .*large\.hlsnap .* needs 269484032, .* default of 268435456/,
      ),
    };
    await expect(Sandbox.create({ snapshot })).rejects.toMatchObject(refusal);
    await expect(Sandbox.create({ snapshot, limits: { timeoutMs: 5 } })).rejects.toMatchObject(refusal);
    await expect(Pool.create({ snapshot, size: 1 })).rejects.toMatchObject(refusal);
    const allowed = await Sandbox.create({ snapshot, limits: { memoryBytes: snapshot.memoryBytes } });
    onTestFinished(() => allowed.close());
    const [fork] = await allowed.fork(1);
    onTestFinished(() => fork!.close());
    expect(await goOn(await allowed.snapshot())).toBe(1);
    expect(await fork!.exports.next()).toBe(1);
  });

  test('a damaged file is refused, wherever it is damaged', async () => {
    const path = await saved('damaged.hlsnap');
    const bytes = readFileSync(path);
    for (const at of [9, 17, 40, 200, 5000, bytes.length - 1]) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      writeFileSync(path, damaged);
      const reason = at < 12 ? 'format' : 'damaged';
      await expect(loading(path)).rejects.toMatchObject({ code: 'ERR_HL_SNAPSHOT', reason });
    }
    writeFileSync(path, bytes);
    truncateSync(path, bytes.length - 4096);
    await expect(loading(path)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(loading(pathOf('counter'))).rejects.toMatchObject({ reason: 'format' });
    await expect(loading(join(folder, 'none'))).rejects.toMatchObject({ reason: 'file' });
    await expect(loading(folder)).rejects.toMatchObject({ reason: 'file' });
  });

  test('where it cannot be written it says so', async () => {
    const snapshot = await (await sandboxOf('counter')).snapshot();
    const taken = join(folder, 'taken');
    mkdirSync(taken, { recursive: true });
    for (const path of [taken, join(folder, 'no/such/file')]) {
      await expect(snapshot.save(path)).rejects.toMatchObject({ code: 'ERR_HL_SNAPSHOT', reason: 'file' });
    }
    await expect(snapshot.save(5 as never)).rejects.toBeInstanceOf(TypeError);
  });

  test('without compiled code in the cache it asks for the component, and takes no other', async () => {
    const path = await saved('uncached.hlsnap');
    ownCache();
    await expect(loading(path)).rejects.toMatchObject({
      reason: 'component',
      message: expect.stringContaining('Snapshot.load(path, { component })'),
    });
    await expect(Snapshot.load(path, { component: pathOf('traps') })).rejects.toMatchObject({
      reason: 'component',
      message: expect.stringContaining('of another component'),
    });
    expect(await goOn(await Snapshot.load(path, { component: pathOf('counter') }))).toBe(3);
    expect(await goOn(await loading(path))).toBe(3);
  });

  test('a load that is cancelled leaves nothing behind', async () => {
    const path = await saved('cancelled.hlsnap');
    await expect(Snapshot.load(path, { signal: AbortSignal.abort('no') })).rejects.toMatchObject({
      cause: 'no',
    });
    const late = new AbortController();
    const load = Snapshot.load(path, { signal: late.signal });
    late.abort('later');
    await expect(load).rejects.toMatchObject({ code: 'ERR_HL_ABORT', cause: 'later' });
  });
});

describeWithKvm('damaged code in the cache', () => {
  /** Changes a byte of every file's code. */
  function damage(): void {
    for (const name of readdirSync(cacheFolder())) {
      const path = join(cacheFolder(), name);
      const bytes = readFileSync(path);
      bytes[bytes.length - 100]! ^= 1;
      writeFileSync(path, bytes);
    }
  }

  test('is compiled anew where the component is at hand, and told where it is not', async () => {
    ownCache();
    const component = await Component.load(pathOf('counter'));
    damage();
    const sandbox = await sandboxOf('counter');
    expect(await sandbox.exports.next()).toBe(1);
    await sandbox.close();
    damage();
    await expect(Sandbox.create({ component })).rejects.toMatchObject({
      code: 'ERR_HL_COMPONENT_CACHE',
      message: expect.stringContaining('is damaged; load the component again'),
    });
    const again = await sandboxOf('counter', { component: await Component.load(pathOf('counter')) });
    expect(await again.exports.next()).toBe(1);
  });

  test('does not keep a snapshot from its component, where that is at hand', async () => {
    ownCache();
    const path = await saved('damaged-code.hlsnap');
    damage();
    expect(await goOn(await Snapshot.load(path, { component: pathOf('counter') }))).toBe(3);
    expect(await goOn(await loading(path))).toBe(3);
    damage();
    await expect(loading(path)).rejects.toMatchObject({ code: 'ERR_HL_COMPONENT_CACHE' });
    // What was damaged is out of the cache.
    await expect(loading(path)).rejects.toMatchObject({ reason: 'component' });
  });
});
