// Shows the command from outside: what it prints, what it writes, and its exit codes.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from './support/scratch.js';

const command = join(import.meta.dirname, '../dist/cli.js');

/** What goes round for ever is ended, and has no exit code. */
const DEADLINE_MS = 45_000;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(folder: string, ...words: string[]): Promise<Outcome> {
  return new Promise((settle) => {
    const child = execFile(
      process.execPath,
      [command, ...words],
      { cwd: folder, timeout: DEADLINE_MS },
      (_, stdout, stderr) => settle({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const wit = { 'wit/world.wit': 'package test:cli; world w { export run: func() -> u32; }' };

test('build writes the component, its folder too, and says how large it is and how long it took', async () => {
  const folder = scratch({ ...wit, 'src/plugin.ts': 'export const run = (): number => 1;' });
  const { code, stdout } = await run(
    folder,
    'build',
    'src/plugin.ts',
    '--wit',
    'wit',
    '-o',
    'dist/plugin.wasm',
  );
  expect(stdout).toMatch(
    /^dist\/plugin\.wasm {2}\d\.\d MB {2}quickjs {2}\(bundle .* kB in \d+ ms, component in \d+ ms\)\n((?: +\d+\.\d kB +\d+ % {2}\S+\n)+)$/,
  );
  expect(stdout).toMatch(/ kB +\d+ % {2}src\/plugin\.ts$/m);
  expect(stdout).toMatch(/ kB +\d+ % {2}@hl\/guest-js$/m);
  expect(code).toBe(0);
  expect(existsSync(join(folder, 'dist/plugin.wasm'))).toBe(true);
});

test('a mistake of the author ends with 1, its place on stderr, and nothing written', async () => {
  const folder = scratch({ ...wit, 'src/plugin.ts': 'export const run = ;' });
  const { code, stdout, stderr } = await run(
    folder,
    'build',
    'src/plugin.ts',
    '--wit',
    'wit',
    '-o',
    'plugin.wasm',
  );
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('src/plugin.ts:1:19');
  expect(existsSync(join(folder, 'plugin.wasm'))).toBe(false);
});

test.each([[['build']], [[]]])('a mistake in the words (%j) ends with 2 and the usage', async (words) => {
  const { code, stdout, stderr } = await run(scratch({}), ...words);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('usage: npx @hl/guest-js build');
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  expect(await run(scratch({}), '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

describe('where it cannot write or read', () => {
  const files = { ...wit, 'plugin.ts': 'export const run = (): number => 1;', 'out/keep.txt': '' };
  const build = (folder: string, entry: string, out: string) =>
    run(folder, 'build', entry, '--wit', 'wit', '--out', out);

  test.each([
    ['plugin.ts', 'out', /^hl-guest: out is a folder, .*; name it, such as out\/plugin\.wasm\n$/],
    [
      'plugin.ts',
      'plugin.ts/a/b.wasm',
      /^hl-guest: plugin\.ts\/a: .*cannot be made \(.*ENOTDIR\); name another/,
    ],
    [
      'plugin.ts',
      '/proc/none/a/b.wasm',
      /^hl-guest: \/proc\/none\/a: .*cannot be made \(.*ENOENT\); name another/,
    ],
    [
      'plugin.ts',
      '/proc/none.wasm',
      /^hl-guest: \/proc\/none\.wasm: .*cannot be written \(.*\); name another/,
    ],
    ['none.ts', 'a.wasm', /^hl-guest: .*there is no module none\.ts; name the TypeScript or JavaScript file/],
  ])('build %s --out %s is told what is wrong, and no more', async (entry, out, message) => {
    const { code, stdout, stderr } = await build(scratch(files), entry, out);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/hl:|at .*\.js:/);
  });

  test('wrap is told the same', async () => {
    const { code, stderr } = await run(scratch(files), 'wrap', 'none.wasm', '--wit', 'wit', '--out', 'out');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^hl-guest: none\.wasm cannot be read/)]);
  });
});
