// Finding the add-on: what is said where it is not there, or is not what it should be.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Loaded, loadNative, replaceNative } from '../src/binding.ts';

beforeEach(() => replaceNative(undefined));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

function load(path?: string): Loaded {
  if (path !== undefined) vi.stubEnv('HL_NATIVE_PATH', path);
  return loadNative();
}

function addon(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'hl-addon-')), 'addon.cjs');
  writeFileSync(path, text);
  return path;
}

test('HL_NATIVE_PATH that names nothing is told', () => {
  expect(load('/no/such/addon.node')).toMatchObject({
    ok: false,
    reason: 'addon-broken',
    message: expect.stringContaining('/no/such/addon.node'),
    hint: expect.stringContaining('HL_NATIVE_PATH'),
  });
});

test('an add-on that throws while it loads is told with its cause', () => {
  expect(load(addon('throw new Error("no such symbol")'))).toMatchObject({
    ok: false,
    reason: 'addon-broken',
    message: expect.stringContaining('no such symbol'),
  });
});

test('an add-on of another version is told', () => {
  expect(load(addon('exports.describe = () => ({ abiVersion: 99 })'))).toMatchObject({
    ok: false,
    reason: 'addon-broken',
    message: expect.stringContaining('has ABI version 99, this package needs 1'),
  });
});

test('the compiler is looked for beside the add-on', () => {
  const path = addon('exports.describe = () => ({ abiVersion: 1 })');
  expect(load(path)).toMatchObject({ ok: true, native: { compilerPath: join(path, '..', 'hl-compile') } });
});

test.each([
  ['darwin', 'arm64'],
  ['linux', 'arm64'],
  ['win32', 'x64'],
])('on %s and %s it is said what is needed', (platform, arch) => {
  vi.stubGlobal('process', { ...process, platform, arch });
  expect(load()).toMatchObject({
    ok: false,
    reason: 'platform',
    message: `micro-VMs need Linux on x86-64, this is ${platform} on ${arch}`,
  });
});
