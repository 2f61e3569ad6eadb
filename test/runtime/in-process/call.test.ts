// What is different in this process, and says so: no isolation, some limits, no snapshots in files, jco as a peer.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vm from '@hl/host';
import { MiB, Sandbox, Snapshot, SnapshotError } from '@hl/host/in-process';
import { expect, test } from 'vitest';
import { guestPath } from '../support/runtimes.js';

const component = guestPath('traps-guest');

test('both entries have the same names', async () => {
  expect(Object.keys(await import('@hl/host/in-process')).sort()).toEqual(Object.keys(vm).sort());
});

test('errors of either entry are instances of the other classes, too', () => {
  expect(new SnapshotError('closed', 'x')).toBeInstanceOf(vm.SnapshotError);
  expect(new vm.SnapshotError('closed', 'x')).toBeInstanceOf(vm.HyperlightError);
});

test('a limit that cannot be kept is refused, with the reason', async () => {
  const refused = 'it cannot be kept in this process';
  await expect(Sandbox.create({ component, limits: { memoryBytes: MiB(64) } })).rejects.toThrow(
    `limits.memoryBytes: ${refused}`,
  );
  await expect(Sandbox.create({ component, limits: { cpuTimeoutMs: 10 } })).rejects.toThrow(
    `limits.cpuTimeoutMs: ${refused}`,
  );
});

test('a snapshot lives in this process only', async () => {
  await using sandbox = await Sandbox.create({ component });
  using snapshot = await sandbox.snapshot();
  const refused = { code: 'ERR_HL_SNAPSHOT', reason: 'in-process' };
  await expect(snapshot.save('never.hlsnap')).rejects.toMatchObject(refused);
  await expect(Snapshot.load('never.hlsnap')).rejects.toMatchObject(refused);
});

const PROGRAM = `
  import { Sandbox } from '@hl/host/in-process';
  for (let count = 0; count < 2; count++) {
    const sandbox = await Sandbox.create({ component: process.argv[1] });
    console.log(await sandbox.exports.divide(6, 2));
    await sandbox.close();
  }`;

function run(cwd: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', PROGRAM, component],
    { cwd, encoding: 'utf8', timeout: 60_000 },
  );
  return { status, stdout, stderr };
}

test('it says once that there is no isolation, and the process ends when its sandboxes are closed', () => {
  const { status, stdout, stderr } = run(import.meta.dirname);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '3\n3\n' });
  expect(stderr).toMatch(
    /^hyperlight: @hl\/host\/in-process runs components in this process, without isolation.*\n$/,
  );
});

test('without jco it names the command that installs it', () => {
  const app = mkdtempSync(join(tmpdir(), 'hl-in-process-'));
  try {
    const installed = dirname(createRequire(import.meta.url).resolve('@hl/host/package.json'));
    const copy = join(app, 'node_modules/@hl/host');
    mkdirSync(copy, { recursive: true });
    for (const part of ['package.json', 'dist'])
      cpSync(join(installed, part), join(copy, part), { recursive: true });
    const { status, stderr } = run(app);
    const { peerDependencies } = createRequire(import.meta.url)('@hl/host/package.json');
    const pinned = `@bytecodealliance/jco-transpile@${peerDependencies['@bytecodealliance/jco-transpile']}`;
    expect(status).toBe(1);
    expect(stderr).toContain("code: 'ERR_HL_HYPERVISOR_UNAVAILABLE'");
    expect(stderr).toContain(`npm install --save-dev ${pinned}`);
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
});
