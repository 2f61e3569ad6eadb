// Shows the command from outside: what it prints, what it writes, and its exit codes.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from './support/scratch.js';

const command = join(import.meta.dirname, '../dist/cli.js');

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(folder: string, ...words: string[]): Promise<Outcome> {
  return new Promise((settle) => {
    const child = execFile(process.execPath, [command, ...words], { cwd: folder }, (_, stdout, stderr) =>
      settle({ code: child.exitCode ?? -1, stdout, stderr }),
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

test('a mistake in the words ends with 2 and the usage', async () => {
  const { code, stderr } = await run(scratch({}), 'build');
  expect(code).toBe(2);
  expect(stderr).toContain('usage: hl-guest build');
});
