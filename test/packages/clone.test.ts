// Owns the way of whoever has a clone, as docs/getting-started.md tells it: folders of the clone, installed by path.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf } from '../docs/blocks.js';
import { describeWithKvm } from '../support/kvm.js';
import { Consumer } from './consumer.js';

const clone = resolve(import.meta.dirname, '..', '..');
const CLONE_ON_PAGE = '~/hyperlight-node';

const [install = '', create = '', ...others] = blocksOf(
  readFileSync(join(clone, 'docs', 'getting-started.md'), 'utf8'),
)
  .filter(({ language, text }) => language === 'sh' && text.includes(CLONE_ON_PAGE))
  .flatMap(({ text }) => text.trim().split('\n'))
  .map((line) => line.replaceAll(CLONE_ON_PAGE, clone));

const consumer = new Consumer();

function shell(...lines: string[]): string {
  const outcome = consumer.run('bash', ['-c', lines.join(' && ')]);
  expect(outcome, outcome.stderr + outcome.stdout).toMatchObject({ status: 0 });
  return outcome.stdout.trim();
}

beforeAll(() => {
  expect(others).toEqual([]);
  writeFileSync(join(consumer.folder, 'package.json'), JSON.stringify({ private: true }));
  shell(install, create);
  consumer.add('hello');
});
afterAll(() => consumer.remove());

test('the shell commands of all packages are there', () => {
  for (const name of ['@hl/host', '@hl/bindgen', '@hl/guest-js']) {
    expect(shell(`npx --no-install ${name} --help`), name).toMatch(/usage|npx/i);
  }
});

test('the project that create-hl-plugin makes builds', () => {
  shell('cd my-plugin', install, 'npm run build');
});

describeWithKvm('with KVM', () => {
  test('hello world greets the world', () => {
    expect(shell('node hello.mjs')).toBe('Hello, World!');
  });

  test('the project that create-hl-plugin makes runs', () => {
    expect(shell('cd my-plugin', install, 'npm start')).toContain('plum: the plug-in says');
  });
});
