// Owns what users see where there is no native part for them: import works, and every way to ask says what is missing.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Consumer } from './consumer.js';

let consumer: Consumer;

beforeAll(() => {
  consumer = Consumer.install({
    manager: 'npm',
    tarballs: inject('tarballs'),
    packages: ['@hl/host'],
    optional: false,
  }).add('without-platform');
});
afterAll(() => consumer?.remove());

test('import works, create rejects with a hint, and doctor names the package that is missing', () => {
  const outcome = consumer.node('doctor.mjs');
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  const { ok, checks, rejected, hint } = JSON.parse(outcome.stdout);
  expect(ok).toBe(false);
  expect(JSON.stringify(checks)).toContain('@hl/host-linux-x64-gnu');
  expect(rejected).toBe(true);
  expect(hint).toContain('@hl/host-linux-x64-gnu');
});

test('in this process it asks for jco, which is not installed unasked', () => {
  const outcome = consumer.node('in-process.mjs');
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  const { code, reason, hint } = JSON.parse(outcome.stdout);
  expect([code, reason]).toEqual(['ERR_HL_HYPERVISOR_UNAVAILABLE', 'jco-missing']);
  expect(hint).toMatch(/npm install --save-dev @bytecodealliance\/jco-transpile@\d/);
});

test('the shell says so as well, and fails', () => {
  const outcome = consumer.run('npx', ['--no-install', '@hl/host', 'doctor']);
  expect(outcome.status).not.toBe(0);
  expect(outcome.stdout + outcome.stderr).toContain('@hl/host-linux-x64-gnu');
});
