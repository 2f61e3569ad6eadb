// The soak in short: every kind of work, in a process of its own, judged by the same rule; and that leaks are noticed.
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const PATIENCE_MS = 300_000;

describeWithKvm('the soak', () => {
  let program: string[] = [];
  beforeAll(async () => {
    const { buildSoak } = (await import(new URL('build.mjs', import.meta.url).href)) as {
      buildSoak(): Promise<string[]>;
    };
    program = await buildSoak();
  });

  function soak(...args: string[]) {
    const options = { encoding: 'utf8', timeout: PATIENCE_MS } as const;
    const ended = spawnSync(process.execPath, [...program, ...args], options);
    const { status, signal, stdout, stderr } = ended;
    return { status, signal, stdout, stderr };
  }

  test('finds nothing that grows', { timeout: PATIENCE_MS }, () => {
    const { status, signal, stdout, stderr } = soak('--scale', '0.03');
    expect({ status, signal }, stdout + stderr).toEqual({ status: 0, signal: null });
    expect(stdout).toMatch(/^calls +30,000$/m);
    expect(stdout).toMatch(/^sandboxes made and closed +600$/m);
    expect(stdout).toContain('60 samples');
  });

  test.each([
    ['sandbox', /not flat:.* descriptors, threads/],
    ['descriptor', /not flat: descriptors\n/],
    ['memory', /not flat: .*buffersMiB/],
  ])('notices that it leaks: %s', { timeout: PATIENCE_MS }, (what, told) => {
    const { status, stdout, stderr } = soak('--scale', '0.01', '--leak', what);
    expect(status, stdout + stderr).toBe(1);
    expect(stderr).toMatch(told);
  });

  test('says what is wrong with its options', () => {
    expect(soak('--scale', '0')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--scale: expected a number above 0'),
    });
    expect(soak('--leak', 'x').stderr).toContain('--leak: expected one of sandbox, snapshot');
  });
});
