// Owns the proof that the profile runs, names our functions at their places, and refuses what it does not know.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeWithKvm } from '../../../support/kvm.js';
import { inPackage, inRoot } from '../paths.js';
import { parseProfileOptions } from './arguments.js';
import type { ProfileReport } from './report.js';

const run = (...options: string[]) =>
  promisify(execFile)(process.execPath, [inPackage('dist/profile.js'), ...options], { cwd: '/' });

describeWithKvm('the profile', () => {
  test('says where the time and the memory of a call go', async () => {
    const options = ['--cell', 'call/context/rust/hello', '--seconds', '1', '--json'];
    const report = JSON.parse((await run(...options)).stdout) as ProfileReport;
    expect(report.cell).toBe('call/context/rust/hello');
    const { whole, budget, answeredInPlace, floors, cpu, allocation } = report;
    for (const figure of [whole.p50, floors.exitUs, floors.pingPongUs, cpu.calls, allocation.calls]) {
      expect(figure).toBeGreaterThan(0);
    }
    // None is where the machine is too busy for any call to be answered while its caller waits.
    if (answeredInPlace > 0) expect(Math.min(budget.addOn, budget.vm, budget.guest)).toBeGreaterThan(0);
    for (const [piece, micros] of Object.entries(budget)) expect(micros, piece).toBeGreaterThanOrEqual(0);
    expect(answeredInPlace).toBeLessThanOrEqual(1);
    expect(cpu.counted.guestMicros).toBeGreaterThan(0);
    const shares = cpu.parts.map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 1);
    expect(cpu.parts.find(({ part }) => part === 'add-on and VM')?.microsPerCall).toBeGreaterThan(0);
    expect(allocation.bytesPerCall).toBeGreaterThan(0);
  });

  test('names our functions at their lines in TypeScript', async () => {
    const { cpu, allocation } = await profileOf('call/context/rust/hello');
    const places = [...cpu.functions, ...allocation.functions].filter(({ at }) =>
      at.startsWith('packages/host/src/'),
    );
    expect(places.length).toBeGreaterThan(3);
    for (const { at } of places) {
      expect(at).toMatch(/\.ts:\d+$/);
      expect(existsSync(inRoot(at.replace(/:\d+$/, ''))), at).toBe(true);
    }
    expect(cpu.functions.map(({ at }) => at).join()).toContain('packages/host/src/sandbox/engine.ts');
    expect(allocation.functions.map(({ at }) => at).join()).toContain('packages/host/src/');
  });

  test.each(['host-call/sync', 'call/pool/rust/noop'])('profiles %s', async (cell) => {
    const { whole, cpu } = await profileOf(cell);
    expect(whole.p50).toBeGreaterThan(0);
    expect(cpu.calls).toBeGreaterThan(0);
  });
});

async function profileOf(cell: string): Promise<ProfileReport> {
  const { stdout } = await run('--cell', cell, '--seconds', '0.5', '--json');
  return JSON.parse(stdout) as ProfileReport;
}

describe('its options', () => {
  test.each([
    [['--cell', 'call/context/quickjs/goodbye'], /no "call\/context\/quickjs\/goodbye".*there are:.*hello/s],
    [['--seconds', 'soon'], /--seconds: expected a number from 0\.1 to 60, got "soon"/],
    [['--seconds', '0'], /got "0"/],
    [['--seconds', ''], /got ""/],
    [['--fast'], /--fast/],
    [['cell'], /cell/],
  ])('%j are refused with what there is', (args, message) => {
    expect(() => parseProfileOptions(args)).toThrow(message);
  });

  test('a wrong one ends with the usage and exit code 2', async () => {
    const failure = await run('--fast').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2, stdout: '' });
    expect((failure as { stderr: string }).stderr).toContain('usage: npm run profile');
  });
});
