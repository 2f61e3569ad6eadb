// `npx @hl/host run app.wasm -- args`: a program of the shell's, in a VM, with what the command line grants it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { pathOf } from './components.ts';
import { dist } from './programs.ts';

const PROGRAM = pathOf('program');

interface Options {
  readonly flags?: readonly string[];
  readonly input?: string | Uint8Array;
}

function command(words: readonly string[], { flags = [], input = '' }: Options = {}) {
  const args = [dist('cli.js'), 'run', PROGRAM, ...flags, '--', ...words];
  const env = { ...process.env, HL_TEST_INHERITED: 'from here' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input, env, maxBuffer: 1 << 26 });
  return { status, stdout: stdout.toString('latin1'), stderr: stderr.toString() };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hl-wasi-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describeWithKvm('run app.wasm', () => {
  test('passes arguments and variables on, and no others', () => {
    expect(command(['arguments', '--env', 'a b'])).toMatchObject({
      status: 0,
      stdout: '["program.wasm", "arguments", "--env", "a b"]\n',
    });
    const flags = ['--env', 'A=b=c', '--env', 'HL_TEST_INHERITED', '--env', 'HL_TEST_MISSING'];
    expect(command(['environment'], { flags }).stdout).toBe('A=b=c\nHL_TEST_INHERITED=from here\n');
    expect(command(['environment']).stdout).toBe('');
  });

  test('connects stdin, stdout and stderr, byte for byte', () => {
    const input = Uint8Array.from({ length: 200_000 }, (_one, index) => (index * 7) % 256);
    expect(command(['stdin'], { input }).stdout).toBe(Buffer.from(input).toString('latin1'));
    expect(command(['nonsense']).stderr).toBe('Other: no such command: ["nonsense"]\n');
  });

  test('passes the exit code on', () => {
    expect(command(['exit', '0']).status).toBe(0);
    expect(command(['exit', '1']).status).toBe(1);
    expect(command(['read', '/nowhere']).status).toBe(1);
  });

  test('grants folders under their names, to read or to write', () => {
    const path = folder();
    writeFileSync(join(path, 'file'), 'content');
    const writable = ['--dir', `${path}::/data`];
    expect(command(['read', '/data/file'], { flags: writable }).stdout).toBe('content');
    expect(command(['write', '/data/new', 'x'], { flags: writable }).status).toBe(0);
    expect(readFileSync(join(path, 'new'), 'utf8')).toBe('x');
    const readable = ['--dir', `${path}::/data:ro`];
    expect(command(['remove', '/data/new'], { flags: readable })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ReadOnlyFilesystem'),
    });
    expect(command(['list', path], { flags: ['--dir', path] }).stdout).toBe('file new\n');
    expect(readdirSync(path).sort()).toEqual(['file', 'new']);
  });

  test('ends quietly where nobody reads any more', () => {
    const script = `yes | ${process.execPath} ${dist('cli.js')} run ${PROGRAM} -- lines | head -n 1; echo \${PIPESTATUS[1]}`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 50_000 });
    expect({ stdout, stderr }).toEqual({ stdout: '> y\n141\n', stderr: '' });
  });

  test('says what is wrong with the flags', () => {
    expect(command([], { flags: ['--dir', '::/data'] })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('expected HOST[::GUEST][:ro]'),
    });
    expect(command([], { flags: ['--env', '=x'] })).toMatchObject({ status: 2 });
    expect(command([], { flags: ['--dir', '/no/such'] })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no such folder'),
    });
    const args = [dist('cli.js'), 'run', pathOf('counter'), 'next', '--env', 'A=b'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('for a component that exports wasi:cli/run'),
    ]);
  });

  test('is stopped by the limits that the command line sets', () => {
    const flags = ['--timeout-ms', '300'];
    expect(command(['sleep', '60000'], { flags })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ERR_HL_TIMEOUT'),
    });
  });
});

describeWithKvm('run plugin.wasm function', () => {
  const call = (...words: string[]) => {
    const args = [dist('cli.js'), 'run', dist('../greet.wasm'), ...words];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  test('takes a number below zero as it stands, and any word behind --', () => {
    expect(call('greet', '-1')).toEqual({ status: 0, stdout: 'Hello, -1!\n', stderr: '' });
    expect(call('--timeout-ms', '60000', 'greet', '-2.5').stdout).toBe('Hello, -2.5!\n');
    expect(call('greet', '--', '-x').stdout).toBe('Hello, -x!\n');
    expect(call('greet', '-x')).toMatchObject({ status: 2, stdout: '' });
  });
});
