// Owns the proof that a preopen is a file system as WASI has it: what can be done, what is refused, and how it ends.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WitError } from '../../src/errors/classes.js';
import type { IoError } from '../../src/wasi/streams.js';
import { codeOf, contentOf, FOLLOW, givenFolder, READ, WRITE } from './folder.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (given: Uint8Array): string => new TextDecoder().decode(given);
const NOW = { tag: 'now' } as const;

test('a file is made, written at any place, read, cut and removed', async () => {
  const { inside, root } = await givenFolder();
  using file = await root.openAt(
    FOLLOW,
    'file',
    { create: true, exclusive: true },
    { read: true, write: true },
  );
  expect(await file.write(bytes('hello world'), 0n)).toBe(11n);
  await file.write(bytes('W'), 6n);
  expect(readFileSync(join(inside, 'file'), 'utf8')).toBe('hello World');
  const [read, isAtEnd] = await file.read(5n, 6n);
  expect([text(read), isAtEnd]).toEqual(['World', false]);
  expect(await file.read(5n, 11n)).toEqual([new Uint8Array(0), true]);
  await file.setSize(5n);
  expect((await file.stat()).size).toBe(5n);
  await file.syncData();
  await file.sync();
  await root.sync();
  expect(await codeOf(root.openAt(FOLLOW, 'file', { create: true, exclusive: true }, WRITE))).toBe('exist');
  await root.unlinkFileAt('file');
  expect(readdirSync(inside)).toEqual([]);
  expect(await codeOf(root.openAt(FOLLOW, 'file', {}, READ))).toBe('no-entry');
});

test('streams read, write and append, and end as streams do', async () => {
  const { inside, root } = await givenFolder();
  using file = await root.openAt(FOLLOW, 'file', { create: true }, { read: true, write: true });
  using out = file.writeViaStream(0n);
  await out.blockingWriteAndFlush(new Uint8Array(200_000).fill(65));
  using end = await file.appendViaStream();
  await end.write(bytes('end'));
  expect(readFileSync(join(inside, 'file')).length).toBe(200_003);
  using input = file.readViaStream(199_998n);
  expect(text(await input.blockingRead(100n))).toBe('AAend');
  expect(await codeOf(input.blockingRead(1n))).toEqual({ tag: 'closed' });
  using copy = await root.openAt(FOLLOW, 'copy', { create: true }, WRITE);
  using into = copy.writeViaStream(0n);
  using from = file.readViaStream(0n);
  expect(await into.blockingSplice(from, 10n)).toBe(10n);
  expect(readFileSync(join(inside, 'copy'), 'utf8')).toBe('A'.repeat(10));
});

test('a stream that fails says why to filesystem-error-code, and nothing of the host', async () => {
  const { root } = await givenFolder();
  using file = await root.openAt(FOLLOW, 'file', { create: true }, WRITE);
  using out = file.writeViaStream(BigInt(Number.MAX_SAFE_INTEGER));
  const payload = (await codeOf(() => out.write(bytes('x')))) as { tag: string; val: IoError };
  expect(payload.tag).toBe('last-operation-failed');
  expect(payload.val.filesystemCode).toBe('file-too-large');
  expect(payload.val.toDebugString()).toBe('file operation failed: file-too-large');
  expect(await codeOf(() => out.checkWrite())).toEqual({ tag: 'closed' });
});

test('folders are made, listed, renamed and removed', async () => {
  const { inside, root } = await givenFolder();
  await root.createDirectoryAt('a/');
  await root.createDirectoryAt('a/b');
  expect(await codeOf(root.createDirectoryAt('a'))).toBe('exist');
  writeFileSync(join(inside, 'a/file'), '');
  symlinkSync('file', join(inside, 'a/link'));
  using a = await root.openAt({}, 'a', { directory: true }, READ);
  using entries = await a.readDirectory();
  const listed = [];
  for (let entry = await entries.readDirectoryEntry(); entry !== undefined; ) {
    listed.push(`${entry.name}: ${entry.type}`);
    entry = await entries.readDirectoryEntry();
  }
  expect(listed.sort()).toEqual(['b: directory', 'file: regular-file', 'link: symbolic-link']);
  expect(await codeOf(root.removeDirectoryAt('a'))).toBe('not-empty');
  expect(await codeOf(root.removeDirectoryAt('a/file'))).toBe('not-directory');
  expect(await codeOf(root.unlinkFileAt('a/b'))).toBe('is-directory');
  await root.renameAt('a/b/', root, 'c');
  await root.removeDirectoryAt('c/');
  expect(readdirSync(inside)).toEqual(['a']);
});

test('names that are not text are no surprise', async () => {
  const { inside, root } = await givenFolder();
  writeFileSync(Buffer.concat([Buffer.from(`${inside}/`), Buffer.from([0xff, 0xfe])]), '');
  using entries = await root.readDirectory();
  expect(await codeOf(entries.readDirectoryEntry())).toBe('illegal-byte-sequence');
});

test('times, sizes and identities are told', async () => {
  const { inside, root } = await givenFolder();
  writeFileSync(join(inside, 'file'), 'content');
  await root.linkAt({}, 'file', root, 'same');
  await root.setTimesAt(FOLLOW, 'file', NOW, {
    tag: 'timestamp',
    val: { seconds: 1_000n, nanoseconds: 500_000_000 },
  });
  const stat = await root.statAt(FOLLOW, 'same');
  expect(stat).toMatchObject({ type: 'regular-file', size: 7n, linkCount: 2n });
  expect(stat.dataModificationTimestamp).toEqual({ seconds: 1_000n, nanoseconds: 500_000_000 });
  using file = await root.openAt(FOLLOW, 'file', {}, WRITE);
  using same = await root.openAt(FOLLOW, 'same', {}, READ);
  expect(await file.isSameObject(same)).toBe(true);
  expect(await file.isSameObject(root)).toBe(false);
  expect(await file.metadataHash()).toEqual(await root.metadataHashAt(FOLLOW, 'same'));
  expect(await file.metadataHash()).not.toEqual(await root.metadataHash());
  await file.setTimes({ tag: 'no-change' }, { tag: 'timestamp', val: { seconds: 2_000n, nanoseconds: 0 } });
  expect((await file.stat()).dataModificationTimestamp).toEqual({ seconds: 2_000n, nanoseconds: 0 });
  await root.setTimes(NOW, NOW);
});

test('what was not asked for when a file was opened cannot be done with it', async () => {
  const { inside, root } = await givenFolder();
  writeFileSync(join(inside, 'file'), 'content');
  using reader = await root.openAt(FOLLOW, 'file', {}, READ);
  using writer = await root.openAt(FOLLOW, 'file', { truncate: true }, WRITE);
  expect(await codeOf(reader.write(bytes('x'), 0n))).toBe('bad-descriptor');
  expect(await codeOf(reader.setSize(0n))).toBe('bad-descriptor');
  expect(await codeOf(() => reader.writeViaStream(0n))).toBe('bad-descriptor');
  expect(await codeOf(writer.read(1n, 0n))).toBe('bad-descriptor');
  expect(await codeOf(() => writer.readViaStream(0n))).toBe('bad-descriptor');
  expect(await codeOf(reader.openAt(FOLLOW, 'x', {}, READ))).toBe('not-directory');
  expect(await codeOf(root.read(1n, 0n))).toBe('is-directory');
  expect(await codeOf(root.openAt(FOLLOW, 'file', { directory: true }, READ))).toBe('not-directory');
  expect(await codeOf(root.openAt(FOLLOW, 'file/', {}, READ))).toBe('not-directory');
  expect(await codeOf(root.openAt(FOLLOW, '.', {}, WRITE))).toBe('is-directory');
});

test('a folder that may only be read is not changed by any way there is', async () => {
  const { inside, root } = await givenFolder('read');
  writeFileSync(join(inside, 'file'), 'content');
  mkdirSync(join(inside, 'folder'));
  symlinkSync('file', join(inside, 'link'));
  expect(await contentOf(root, 'link')).toBe('content');
  using file = await root.openAt(FOLLOW, 'file', {}, READ);
  using folder = await root.openAt(FOLLOW, 'folder', { directory: true }, READ);
  const attempts = [
    () => root.openAt(FOLLOW, 'file', {}, WRITE),
    () => root.openAt(FOLLOW, 'file', { truncate: true }, READ),
    () => root.openAt(FOLLOW, 'new', { create: true }, READ),
    () => root.openAt(FOLLOW, 'folder', { directory: true }, { mutateDirectory: true }),
    () => root.createDirectoryAt('new'),
    () => root.removeDirectoryAt('folder'),
    () => root.unlinkFileAt('file'),
    () => root.renameAt('file', root, 'new'),
    () => root.symlinkAt('file', 'new'),
    () => root.linkAt({}, 'file', root, 'new'),
    () => root.setTimesAt(FOLLOW, 'file', NOW, NOW),
    () => root.setTimes(NOW, NOW),
    () => file.setTimes(NOW, NOW),
    () => file.setSize(0n),
    () => file.write(bytes('x'), 0n),
    () => file.writeViaStream(0n),
    () => file.appendViaStream(),
    () => folder.createDirectoryAt('new'),
    () => folder.openAt(FOLLOW, 'new', { create: true }, WRITE),
  ];
  for (const attempt of attempts) expect(await codeOf(attempt), String(attempt)).toBe('read-only');
  expect(root.getFlags()).toEqual({ read: true, mutateDirectory: false });
  expect(readdirSync(inside).sort()).toEqual(['file', 'folder', 'link']);
  expect(readFileSync(join(inside, 'file'), 'utf8')).toBe('content');
});

/** What this process has open below that folder. */
function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path.slice(folder.length)] : [];
    } catch {
      // The listing's own, which is closed by now.
      return [];
    }
  });
}

const untilClosed = async (folder: string, open: string[]): Promise<void> => {
  await expect.poll(() => openBelow(folder), { timeout: 10_000 }).toEqual(open);
};

test('everything is closed when it is dropped, and all of it when the state ends, in use or not', async () => {
  const { inside, root, preopens } = await givenFolder();
  writeFileSync(join(inside, 'file'), 'x'.repeat(100_000));
  const file = await root.openAt(FOLLOW, 'file', {}, READ);
  const stream = file.readViaStream(0n);
  file[Symbol.dispose]();
  expect((await stream.blockingRead(4n)).length).toBe(4);
  stream[Symbol.dispose]();
  await untilClosed(inside, ['']);
  const other = await root.openAt(FOLLOW, 'file', {}, READ);
  await root.readDirectory();
  const reading = other.read(50_000n, 0n);
  const opening = root.openAt(FOLLOW, 'file', {}, READ);
  preopens.stateEnded();
  expect((await reading)[0].length).toBe(50_000);
  expect(await codeOf(opening)).toBe('interrupted');
  expect(await codeOf(other.read(1n, 0n))).toBe('bad-descriptor');
  other[Symbol.dispose]();
  await untilClosed(inside, ['']);
  preopens.close();
  await untilClosed(inside, []);
});

test('a guest cannot make the host hold more than so many files', async () => {
  const { inside, root, preopens } = await givenFolder();
  writeFileSync(join(inside, 'file'), '');
  const held = [];
  const code = await codeOf(async () => {
    for (let n = 0; n < 1_000; n++) held.push(await root.openAt(FOLLOW, 'file', {}, READ));
  });
  expect(code).toBe('quota');
  expect(held.length).toBeLessThanOrEqual(512);
  preopens.stateEnded();
  expect(await contentOf(root, 'file')).toBe('');
});

test('errors are WitErrors with a code, never the text of the host', async () => {
  const { root } = await givenFolder();
  const error = await root.openAt(FOLLOW, 'missing', {}, READ).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WitError);
  expect((error as WitError).payload).toBe('no-entry');
});
