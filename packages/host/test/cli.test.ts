// `npx @hl/host` from outside, as far as it needs no VM: what it prints, and its exit codes.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from '../src/cli/command.ts';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const DEADLINE_MS = 45_000;

function commandWith(variables: NodeJS.ProcessEnv, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [at('dist/cli.js'), ...words], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { ...process.env, ...variables },
  });
  return { status, stdout, stderr };
}

const command = (...words: string[]) => commandWith({}, ...words);

const LINE_MAX = 100;

test('help fits a terminal, and names every command as the user types it', () => {
  for (const words of [['--help'], ['help'], ['run', '--help'], ['doctor', '-h']]) {
    const { status, stdout, stderr } = command(...words);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^usage: npx @hl\/host /);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(LINE_MAX);
  }
  for (const name of ['run', 'inspect', 'compile', 'doctor', '--version']) {
    expect(command('--help').stdout).toMatch(new RegExp(`^ {2}${name}`, 'm'));
  }
});

test('--version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };
  expect(command('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [[], 'a command is missing'],
  [['wat'], "there is no command 'wat'"],
  [['run'], 'a component is missing'],
  [['run', 'x.wasm', '--timeout-ms', 'abc'], '--timeout-ms: expected more than 0 milliseconds, .* got abc'],
  [['run', 'x.wasm', '--timeout-ms', ''], '--timeout-ms: expected'],
  [['run', 'x.wasm', '--timeout-ms=-1'], '--timeout-ms: expected .* got -1'],
  [['run', 'x.wasm', '--memory-bytes', '1.5'], '--memory-bytes: expected a whole number .* got 1\\.5'],
  [['run', 'x.wasm', 'f', '-x'], "Unknown option '-x'.* after '--'"],
])('%j is a mistake in the words: 2, what it is, and the usage', (words, message) => {
  const { status, stdout, stderr } = command(...words);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(new RegExp(`^${message}`));
  expect(stderr).toMatch(/\n\nusage: npx @hl\/host /);
});

test('a cache that no file system takes is told of, and not tried for ever', () => {
  const { status, stdout } = commandWith({ XDG_CACHE_HOME: '/proc/none' }, 'doctor');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^FAIL {2}cache .*ENOENT.*\/proc\/none.*set XDG_CACHE_HOME/m);
});

describe('the words of a command', () => {
  const options = { options: { n: { type: 'string' }, flag: { type: 'boolean', short: '1' } } } as const;

  test('take numbers below zero for what they are', () => {
    expect(parse(['f', '-1', '-.5', '-1e3', '--n', '-2'], { ...options, positionalsMax: 9 })).toEqual({
      positionals: ['f', '-1', '-.5', '-1e3'],
      values: { n: '-2' },
    });
  });

  test('still know what is an option', () => {
    expect(() => parse(['f', '-x'], { ...options, positionalsMax: 9 })).toThrow("Unknown option '-x'");
    expect(parse(['f', '--flag'], { ...options, positionalsMax: 9 }).values).toEqual({ flag: true });
  });
});
