// Owns what becomes of a process when the system has no more of something: a clear error, nothing lost, and it goes on
// when there is room again.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const program = (name: string): string => join(import.meta.dirname, 'programs', `${name}.mjs`);
const isRoot = process.getuid?.() === 0;

/** A process without root's right to pass limits on threads, but with that to open what root may. */
const NO_ROOT = [
  ...[
    'setpriv',
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    '--bounding-set=-all,+dac_override',
  ],
  ...['--inh-caps=-all,+dac_override', '--ambient-caps=+dac_override'],
];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hl-exhausted-'));
  chmodSync(path, 0o777);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function run(through: readonly string[], args: readonly string[], env: Record<string, string>): string[] {
  const [file = '', ...before] = through;
  const options = { encoding: 'utf8', timeout: 50_000, env: { PATH: process.env.PATH, ...env } } as const;
  const ended = spawnSync(file, [...before, process.execPath, ...args], options);
  const { status, signal, stdout, stderr, error } = ended;
  expect({ status, signal, stderr, error }).toEqual({
    status: 0,
    signal: null,
    stderr: '',
    error: undefined,
  });
  return stdout.trimEnd().split('\n');
}

describeWithKvm('a process that has no more', () => {
  test.each([
    ['file descriptors', ['prlimit', '--nofile=60'], '(os error 24) ulimit -n'],
    ['memory', ['prlimit', `--as=${4_000_000_000}`], '(os error 12) ulimit -v'],
    // Counted over all processes of a user; in a namespace of its own there is none but this one.
    ['timers', ['unshare', '-r', 'prlimit', '--sigpending=20'], '(os error 11) ulimit -i'],
  ])('%s, says so and goes on', (_what, through, told) => {
    const lines = run(through, [program('exhausted')], { HOME: folder() });
    expect(lines).toEqual([`ERR_HL_EXHAUSTED ${told}`, '2 1', '1']);
  });

  // Threads that KVM makes count as well: at some of these the last VM has one thread too few.
  test.runIf(isRoot).each([39, 40, 41])('threads, which may be %i, says so and goes on', (most) => {
    const through = [...NO_ROOT, 'prlimit', `--nproc=${most}`];
    const lines = run(through, [program('exhausted')], { HOME: folder() });
    expect(lines).toEqual(['ERR_HL_EXHAUSTED (os error 11) ulimit -i', '2 1', '1']);
  });

  test('room on its disk, says so, keeps what was saved, and goes on', () => {
    const disk = folder();
    const mount = 'mount -t tmpfs -o size=8m none "$0" && exec "$@"';
    const through = ['unshare', ...(isRoot ? ['-m'] : ['-rm']), 'sh', '-c', mount, disk];
    const lines = run(through, [program('full-disk'), disk], {
      HOME: disk,
      XDG_CACHE_HOME: join(disk, 'cache'),
    });
    const untouched = ['save ERR_HL_SNAPSHOT true', 'true 0'];
    expect(lines).toEqual([
      ...untouched,
      ...untouched,
      ...untouched,
      'compile ERR_HL_COMPONENT_CACHE true',
      'compile ERR_HL_COMPONENT_CACHE true',
      'compile done save done',
      '1 1',
    ]);
  });
});
