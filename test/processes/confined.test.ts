// Owns that what docs/confine-the-process.md tells to take from a process leaves it enough: under each Node that we
// promise, and that what is taken is really gone.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '../..');
const profile = join(root, 'docs/seccomp.json');
const page = readFileSync(join(root, 'docs/confine-the-process.md'), 'utf8');
const confine = join(import.meta.dirname, 'dist/confine');
const program = join(import.meta.dirname, 'programs/confined.mjs');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hyperlight-node');

const ANSWERED = ['Hello, you! 3 true', 'ERR_HL_TIMEOUT 1', '2', '2 4 6'];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: readonly string[]): Ended {
  const [file = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 50_000 });
  return { status, stdout, stderr };
}

function expectAnswers(command: readonly string[]): void {
  const { status, stdout, stderr } = run(command);
  expect({ status, lines: stdout.trimEnd().split('\n') }, stderr).toEqual({ status: 0, lines: ANSWERED });
}

/** The profile without one of its names. */
function profileWithout(name: string, folder: string): string {
  const path = join(folder, `without-${name}.json`);
  const text = readFileSync(profile, 'utf8');
  const changed = text.replace(new RegExp(`\\s*"${name}",`), '');
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
  return path;
}

/** What the page says that the profile keeps from a process, and other ways to the same. */
const FORBIDDEN = {
  sockets: ['socket', 'socketpair', 'connect', 'bind', 'listen', 'accept', 'accept4'],
  'signals to others, nor processes but by clone3': ['fork', 'vfork', 'clone', 'execveat', 'kill'],
  debugging: ['ptrace', 'process_vm_readv', 'process_vm_writev', 'pidfd_getfd'],
  namespaces: [
    'mount',
    'move_mount',
    'fsopen',
    'open_by_handle_at',
    'unshare',
    'setns',
    'chroot',
    'pivot_root',
  ],
  kernel: ['bpf', 'perf_event_open', 'keyctl', 'add_key', 'init_module', 'finit_module', 'kexec_load'],
  io_uring: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
};

test.each(Object.entries(FORBIDDEN))('the seccomp profile allows no %s', (_what, names) => {
  const { defaultAction, syscalls } = JSON.parse(readFileSync(profile, 'utf8')) as {
    defaultAction: string;
    syscalls: { names: string[] }[];
  };
  const allowed = syscalls.flatMap((rule) => rule.names);
  expect(defaultAction).toBe('SCMP_ACT_ERRNO');
  expect(names.filter((name) => allowed.includes(name))).toEqual([]);
});

for (const version of ['20', '22', '24']) {
  describeWithKvm(`Node ${version}`, () => {
    const node = join(dirname(require.resolve(`node-${version}/package.json`)), 'bin/node');
    const folder = mkdtempSync(join(tmpdir(), 'hl-confined-'));
    const state = join(folder, 'state.hlsnap');
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    beforeAll(() => {
      expect(run([node, program, 'prepare', state])).toEqual({ status: 0, stdout: '', stderr: '' });
    });

    const permission = version === '20' ? '--experimental-permission' : '--permission';
    const may = [permission, '--allow-addons', `--allow-fs-read=${root}/`, `--allow-fs-read=${folder}/`];

    test("answers with Node's permissions for reading alone", () => {
      expectAnswers([node, '--no-warnings', ...may, `--allow-fs-read=${cache}/`, program, 'run', state]);
      const { stderr } = run([node, '--no-warnings', ...may, program, 'prepare', state]);
      expect(stderr).toContain('ERR_ACCESS_DENIED');
      const flags = ['--permission', '--allow-addons', '--allow-fs-read='];
      for (const flag of flags) expect(page).toContain(flag);
    });

    test("reads and writes no file, and starts no compiler, against Node's permissions", () => {
      const elsewhere = mkdtempSync(join(tmpdir(), 'hl-elsewhere-'));
      onTestFinished(() => rmSync(elsewhere, { recursive: true }));
      const foreign = join(elsewhere, 'state.hlsnap');
      copyFileSync(state, foreign);
      const { ino, mtimeMs } = statSync(foreign);
      const command = [node, '--no-warnings', ...may, `--allow-fs-read=${cache}/`, program, 'trespass'];
      const { stdout, stderr } = run([...command, state, foreign]);
      expect(stdout.trimEnd().split('\n'), stderr).toEqual([
        'ERR_HL_SNAPSHOT --allow-fs-read',
        'ERR_HL_SNAPSHOT --allow-fs-write',
        'ERR_HL_HYPERVISOR_UNAVAILABLE --allow-child-process',
      ]);
      expect(statSync(foreign)).toMatchObject({ ino, mtimeMs });
      const withoutAddons = may.filter((word) => word !== '--allow-addons');
      expect(run([node, ...withoutAddons, program, 'run', state]).stderr).toContain(
        'give Node --allow-addons',
      );
      const withoutCache = run([node, ...may, program, 'run', state]);
      expect(withoutCache.stderr).toMatch(/ERR_HL_COMPONENT_CACHE|--allow-fs-read=/);
      expect(withoutCache.stderr).not.toContain('remove it');
    });

    test('answers under the seccomp profile, which is no more than it needs', () => {
      expectAnswers([confine, profile, node, program, 'run', state]);
      for (const name of ['timer_create', 'rt_sigtimedwait']) {
        const { status } = run([confine, profileWithout(name, folder), node, program, 'run', state]);
        expect(status, name).not.toBe(0);
      }
      const curious = "require('node:child_process').spawnSync('true').error.code";
      const { stdout } = run([confine, profile, node, '--print', curious]);
      expect(stdout).toBe('ENOSYS\n');
      const { stderr } = run([confine, profile, node, program, 'prepare', state]);
      expect(stderr).toContain('compile in another process and start from its snapshot');
    });

    test('answers without a capability, without a network, and without a way to get more', () => {
      const none = ['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
      const alone = process.getuid?.() === 0 ? ['unshare', '-n'] : ['unshare', '-rn'];
      expectAnswers([...alone, ...none, node, program, 'run', state]);
    });
  });
}
