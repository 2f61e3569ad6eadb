// Owns the proof that no path leads out of a preopen, whatever lies in it and whatever happens to it meanwhile.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOf, contentOf, FOLLOW, type Given, givenFolder, READ, WRITE } from './folder.js';

/** What every operation that takes a path answers for it. */
async function answers({ root }: Given, path: string): Promise<unknown[]> {
  const operations = [
    () => root.openAt(FOLLOW, path, {}, READ),
    () => root.openAt(FOLLOW, path, { create: true }, WRITE),
    () => root.statAt(FOLLOW, path),
    () => root.setTimesAt(FOLLOW, path, { tag: 'now' }, { tag: 'now' }),
    () => root.metadataHashAt(FOLLOW, path),
    () => root.createDirectoryAt(path),
    () => root.removeDirectoryAt(path),
    () => root.unlinkFileAt(path),
    () => root.readlinkAt(path),
    () => root.symlinkAt('x', path),
    () => root.renameAt(path, root, 'x'),
    () => root.renameAt('file', root, path),
    () => root.linkAt({}, path, root, 'x'),
    () => root.linkAt({}, 'file', root, path),
  ];
  return Promise.all(operations.map(codeOf));
}

test.each([
  '../outside/secret',
  '..',
  '../inside/file',
  'folder/../../outside/secret',
  'folder/../..',
  '/etc/passwd',
  '/',
  './../outside/secret',
  'folder/./../../outside/secret',
])('%s leads nowhere, for any operation', async (path) => {
  const given = await givenFolder();
  mkdirSync(join(given.inside, 'folder'));
  writeFileSync(join(given.inside, 'file'), 'content');
  for (const answer of await answers(given, path)) expect(answer).toBe('not-permitted');
  expect(readFileSync(join(given.outside, 'secret'), 'utf8')).toBe('secret');
  expect(readFileSync(join(given.inside, 'file'), 'utf8')).toBe('content');
});

test('links out of the folder are seen, but not followed', async () => {
  const { inside, outside, root } = await givenFolder();
  symlinkSync(join(outside, 'secret'), join(inside, 'absolute'));
  symlinkSync('../outside/secret', join(inside, 'relative'));
  symlinkSync('relative', join(inside, 'chained'));
  symlinkSync('../outside', join(inside, 'folder'));
  symlinkSync('/', join(inside, 'slash'));
  symlinkSync('/proc/self/root', join(inside, 'proc'));
  for (const path of [
    'absolute',
    'relative',
    'chained',
    'folder/secret',
    'slash/etc/passwd',
    'proc/etc/passwd',
  ]) {
    expect(await codeOf(root.openAt(FOLLOW, path, {}, READ)), path).toBe('not-permitted');
    expect(await codeOf(root.statAt(FOLLOW, path)), path).toBe('not-permitted');
    expect(await codeOf(root.openAt(FOLLOW, path, { create: true }, WRITE)), path).toBe('not-permitted');
  }
  expect(await codeOf(root.openAt({}, 'absolute', {}, READ))).toBe('loop');
  expect(await root.statAt({}, 'absolute')).toMatchObject({ type: 'symbolic-link' });
  expect(await root.readlinkAt('relative')).toBe('../outside/secret');
  expect(await codeOf(root.createDirectoryAt('folder/new'))).toBe('not-permitted');
  expect(await codeOf(root.unlinkFileAt('folder/secret'))).toBe('not-permitted');
  expect(await codeOf(root.renameAt('folder/secret', root, 'stolen'))).toBe('not-permitted');
  expect(await codeOf(root.linkAt({}, 'folder/secret', root, 'stolen'))).toBe('not-permitted');
  expect(existsSync(join(outside, 'new'))).toBe(false);
});

test('a link is linked, renamed and removed itself, never what it leads to', async () => {
  const { inside, outside, root } = await givenFolder();
  symlinkSync('../outside/secret', join(inside, 'link'));
  await root.linkAt({}, 'link', root, 'again');
  await root.renameAt('link', root, 'moved');
  await root.setTimesAt(
    {},
    'moved',
    { tag: 'now' },
    { tag: 'timestamp', val: { seconds: 7n, nanoseconds: 0 } },
  );
  expect((await root.statAt({}, 'moved')).dataModificationTimestamp).toEqual({ seconds: 7n, nanoseconds: 0 });
  expect(await codeOf(root.openAt(FOLLOW, 'again', {}, READ))).toBe('not-permitted');
  await root.unlinkFileAt('moved');
  await root.unlinkFileAt('again');
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
});

test('links that stay inside are followed, in any number of steps up to forty', async () => {
  const { inside, root } = await givenFolder();
  mkdirSync(join(inside, 'a/b'), { recursive: true });
  writeFileSync(join(inside, 'a/file'), 'content');
  symlinkSync('../file', join(inside, 'a/b/up'));
  symlinkSync('a/b/../b/', join(inside, 'through'));
  expect(await contentOf(root, 'through/up')).toBe('content');
  expect(await contentOf(root, 'a/b/../../through/./up')).toBe('content');
  symlinkSync('round', join(inside, 'round'));
  expect(await codeOf(root.openAt(FOLLOW, 'round', {}, READ))).toBe('loop');
  symlinkSync('a/file', join(inside, 'l0'));
  for (let n = 1; n <= 40; n++) symlinkSync(`l${n - 1}`, join(inside, `l${n}`));
  expect(await contentOf(root, 'l39')).toBe('content');
  expect(await codeOf(root.statAt(FOLLOW, 'l40'))).toBe('loop');
});

test('links that multiply are given up', async () => {
  const { inside, root } = await givenFolder();
  symlinkSync('.', join(inside, 'l0'));
  for (let n = 1; n < 30; n++) symlinkSync(`l${n - 1}/l${n - 1}/l${n - 1}`, join(inside, `l${n}`));
  expect(await codeOf(root.statAt(FOLLOW, 'l29/x'))).toBe('loop');
});

test('a guest can make no link that leads out', async () => {
  const { inside, root } = await givenFolder();
  mkdirSync(join(inside, 'folder'));
  for (const [text, path] of [
    ['/etc/passwd', 'link'],
    ['..', 'link'],
    ['../outside/secret', 'link'],
    ['../../outside', 'folder/link'],
    ['x/../../y', 'link'],
  ] as const) {
    expect(await codeOf(root.symlinkAt(text, path)), text).toBe('not-permitted');
  }
  await root.symlinkAt('../file', 'folder/link');
  writeFileSync(join(inside, 'file'), 'content');
  expect(await contentOf(root, 'folder/link')).toBe('content');
});

test('a folder in the folder is a wall of its own', async () => {
  const { inside, root } = await givenFolder();
  mkdirSync(join(inside, 'sub'));
  writeFileSync(join(inside, 'file'), 'content');
  using sub = await root.openAt({}, 'sub', { directory: true }, READ);
  expect(await codeOf(sub.openAt(FOLLOW, '../file', {}, READ))).toBe('not-permitted');
  symlinkSync('../file', join(inside, 'sub/link'));
  expect(await codeOf(sub.openAt(FOLLOW, 'link', {}, READ))).toBe('not-permitted');
  expect(await contentOf(root, 'sub/link')).toBe('content');
});

test('names that are no names, and such as are too long, are refused', async () => {
  const { root } = await givenFolder();
  const stat = (path: string): Promise<unknown> => codeOf(root.statAt(FOLLOW, path));
  expect(await stat('')).toBe('no-entry');
  expect(await stat('a\0b')).toBe('invalid');
  expect(await stat('x'.repeat(256))).toBe('name-too-long');
  expect(await stat('x/'.repeat(2049))).toBe('name-too-long');
  expect(await stat('missing/x')).toBe('no-entry');
  let path = '';
  for (let depth = 0; depth < 130; depth++) {
    path += 'd/';
    if (depth < 127) await root.createDirectoryAt(path);
  }
  expect(await stat(path)).toBe('name-too-long');
});

test('what is swapped while it is used leads nowhere else', async () => {
  const { inside, outside, root } = await givenFolder();
  mkdirSync(join(inside, 'real'));
  writeFileSync(join(inside, 'real/secret'), 'inside');
  mkdirSync(join(inside, 'spare'));
  symlinkSync('../outside', join(inside, 'link'));
  const target = join(inside, 'flipping');
  let flips = 0;
  let isOver = false;
  const flip = (async () => {
    while (!isOver) {
      renameSync(join(inside, flips % 2 === 0 ? 'real' : 'link'), target);
      await new Promise((resolve) => setImmediate(resolve));
      renameSync(target, join(inside, flips % 2 === 0 ? 'real' : 'link'));
      flips++;
    }
  })();
  const seen = new Set<string>();
  for (let n = 0; n < 2_000; n++) {
    const content = contentOf(root, 'flipping/secret');
    seen.add(await content.catch(async () => `error: ${String(await codeOf(content))}`));
    await codeOf(root.openAt(FOLLOW, `flipping/new${n}`, { create: true }, WRITE));
  }
  isOver = true;
  await flip;
  expect(flips).toBeGreaterThan(100);
  expect([...seen]).toContain('inside');
  expect([...seen].filter((one) => one === 'secret')).toEqual([]);
  const { readdirSync } = await import('node:fs');
  expect(readdirSync(outside)).toEqual(['secret']);
});

test('a folder that is moved away while a guest is in it does not take the guest along', async () => {
  const { inside, outside, root } = await givenFolder();
  mkdirSync(join(inside, 'a/b'), { recursive: true });
  using b = await root.openAt({}, 'a/b', { directory: true }, READ);
  renameSync(join(inside, 'a/b'), join(outside, 'b'));
  expect(await codeOf(b.openAt(FOLLOW, '../secret', {}, READ))).toBe('not-permitted');
});

test('devices, pipes and sockets are seen, but not opened', async () => {
  const { inside, root } = await givenFolder();
  const { execFileSync } = await import('node:child_process');
  execFileSync('mkfifo', [join(inside, 'pipe')]);
  expect(await root.statAt({}, 'pipe')).toMatchObject({ type: 'fifo' });
  expect(await codeOf(root.openAt({}, 'pipe', {}, READ))).toBe('unsupported');
  expect(await codeOf(root.openAt({}, 'pipe', { create: true, truncate: true }, WRITE))).toBe('unsupported');
});

test('a hard link from a folder that may only be read makes nothing writable', async () => {
  const reading = await givenFolder('read');
  const writing = await givenFolder();
  writeFileSync(join(reading.inside, 'file'), 'content');
  expect(await codeOf(reading.root.linkAt({}, 'file', writing.root, 'mine'))).toBe('read-only');
  expect(await codeOf(reading.root.renameAt('file', writing.root, 'mine'))).toBe('read-only');
  expect(existsSync(join(writing.inside, 'mine'))).toBe(false);
  linkSync(join(reading.inside, 'file'), join(reading.inside, 'other'));
  rmSync(join(reading.inside, 'file'));
  expect(await contentOf(reading.root, 'other')).toBe('content');
});
