// doctor() answers whatever is missing, and never throws.
import { afterEach, expect, test } from 'vitest';
import { replaceNative } from '../src/binding.ts';
import { doctor } from '../src/index.ts';
import { installFake } from './fake/world.ts';

const before = process.env['XDG_CACHE_HOME'];
afterEach(() => {
  process.env['XDG_CACHE_HOME'] = before ?? '';
});

const check = async (name: string) => (await doctor()).checks.find((one) => one.name === name);

test('all is well where everything is there', async () => {
  installFake();
  const { ok, checks } = await doctor();
  expect(checks.filter((one) => !one.ok)).toEqual([]);
  expect(ok).toBe(true);
  expect(checks.map((one) => one.name)).toEqual([
    'platform',
    'node',
    'add-on',
    'compiler',
    'hypervisor',
    'cache',
    'memory',
  ]);
});

test('without the add-on it says which package is missing, and still looks at the rest', async () => {
  replaceNative({
    ok: false,
    reason: 'addon-missing',
    message: '@hl/host-linux-x64-gnu is missing',
    hint: 'install it',
  });
  expect((await doctor()).ok).toBe(false);
  expect(await check('add-on')).toEqual({
    name: 'add-on',
    ok: false,
    detail: '@hl/host-linux-x64-gnu is missing',
    hint: 'install it',
  });
  expect(await check('node')).toMatchObject({ ok: true });
});

test('a hypervisor that may not be used comes with the way to change that', async () => {
  const { binding } = installFake();
  Object.assign(binding, {
    probe: () => ({ ok: false, reason: 'permission', message: 'cannot open /dev/kvm' }),
  });
  expect(await check('hypervisor')).toMatchObject({
    ok: false,
    hint: expect.stringMatching(/usermod -aG kvm.*@hl\/host\/in-process/),
  });
});

test('a compiler that does not start, and an add-on that throws, are results and not exceptions', async () => {
  const { binding } = installFake();
  replaceNative({ ok: true, native: { binding, compilerPath: '/no/such/hl-compile' } });
  Object.assign(binding, {
    probe: () => {
      throw new Error('broken');
    },
  });
  expect(await check('compiler')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('/no/such/hl-compile'),
  });
  expect(await check('hypervisor')).toMatchObject({ ok: false, detail: 'broken' });
});

test('a cache that cannot be made is named', async () => {
  installFake();
  process.env['XDG_CACHE_HOME'] = '/dev/null/cache';
  expect(await check('cache')).toMatchObject({ ok: false, hint: expect.stringContaining('XDG_CACHE_HOME') });
});
