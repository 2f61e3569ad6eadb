// Shows which changes of a guest's files count, and what a folder that cannot be watched leads to.
import { type FSWatcher, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { scratch } from '../test/support/scratch.js';
import { nextChange } from './changes.js';

const seen = vi.hoisted(() => ({ watched: new Map<string, FSWatcher>(), refuse: false }));

// The real watchers, which the system cannot be made to fail when a test wants it.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const watching = (...[path, listener]: [string, (kind: string, file: string | null) => void]) => {
    if (seen.refuse) throw Object.assign(new Error('ENOSPC: no watchers left'), { code: 'ENOSPC' });
    const watcher = fs.watch(path, listener);
    seen.watched.set(path, watcher);
    return watcher;
  };
  return { ...fs, watch: watching };
});

beforeEach(() => {
  seen.watched.clear();
  seen.refuse = false;
});

const unexpected = (error: unknown) => expect.unreachable(String(error));

function project() {
  const folder = scratch({
    'plugin.ts': '',
    'lib/deep/more.ts': '',
    'wit/deps/other.wit': '',
    'node_modules/dep/index.js': '',
    '.git/HEAD': '',
  });
  const at = (path: string) => join(folder, path);
  const files = { entry: at('plugin.ts'), wit: at('wit'), inputs: [at('node_modules/dep/index.js')] };
  return { at, files };
}

test('the folders of the author’s are watched, and not what is installed or hidden', async () => {
  const { at, files } = project();
  const change = nextChange(files, unexpected);
  const expected = ['', 'lib', 'lib/deep', 'wit', 'wit/deps'].map(at);
  expect([...seen.watched.keys()].sort()).toEqual(expected.sort());
  writeFileSync(at('lib/deep/more.ts'), 'export {}');
  await change;
});

test.each([
  ['a folder of WIT', 'wit', 'wit/deps/other.wit'],
  ['one file of WIT', 'wit/deps/other.wit', 'wit/deps/other.wit'],
])('a change below %s counts', async (_, wit, changed) => {
  const { at, files } = project();
  const change = nextChange({ ...files, entry: at('lib/plugin.ts'), wit: at(wit) }, unexpected);
  writeFileSync(at(changed), 'package test:other;');
  await change;
});

test('a folder that is not there is awaited', async () => {
  const { at, files } = project();
  const change = nextChange({ ...files, entry: at('wit/none/src/plugin.ts') }, unexpected);
  mkdirSync(at('wit/none'));
  await change;
});

test('a watcher that fails is told, and when the last has failed it is time to look again', async () => {
  const { files } = project();
  const errors: unknown[] = [];
  const change = nextChange(files, (error) => errors.push(error));
  for (const watcher of seen.watched.values()) watcher.emit('error', new Error('it went away'));
  await change;
  expect(errors).toHaveLength(5);
  expect(String(errors[0])).toMatch(/GuestBuildError: .* cannot be watched for changes: it went away/);
});

test('nothing to be watched at all is an error', () => {
  const { files } = project();
  seen.refuse = true;
  expect(() => nextChange(files, unexpected)).toThrow(/cannot be watched for changes: ENOSPC/);
});
