// Owns a plug-in author's day with installed packages: types from WIT, a guest by each engine, called from a typed app.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';
import { Consumer, type Outcome } from './consumer.js';

const testFolder = resolve(import.meta.dirname, '..');
const tsc = join(testFolder, 'node_modules', 'typescript', 'bin', 'tsc');
const guestJs = resolve(testFolder, '..', 'packages', 'guest-js', 'package.json');

function succeeded(outcome: Outcome): string {
  expect(outcome, outcome.stderr + outcome.stdout).toMatchObject({ status: 0 });
  return outcome.stdout.trim();
}

/** What `--engine starlingmonkey` needs besides our packages, as guest-js itself pins it. */
function optionalPeers(): Record<string, string> {
  const { peerDependencies } = JSON.parse(readFileSync(guestJs, 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  return peerDependencies;
}

describe.each([
  { engine: 'quickjs', manager: 'pnpm', others: () => ({}) },
  { engine: 'starlingmonkey', manager: 'npm', others: optionalPeers },
] as const)('a guest built with $engine after $manager install', ({ engine, manager, others }) => {
  let consumer: Consumer;

  beforeAll(() => {
    const packages = ['@hl/host', '@hl/bindgen', '@hl/guest-js'] as const;
    consumer = Consumer.install({
      manager,
      tarballs: inject('tarballs'),
      packages: [...packages],
      others: others(),
    });
    consumer.add('guest');
  });
  afterAll(() => consumer?.remove());

  test('is built from TypeScript, and the app that calls it is typed from its WIT', () => {
    succeeded(consumer.run('npx', ['--no-install', '@hl/bindgen', 'wit', '--out', 'src/gen']));
    const build = ['build', 'src/plugin.ts', '--wit', 'wit', '--out', 'plugin.wasm', '--engine', engine];
    succeeded(consumer.run('npx', ['--no-install', '@hl/guest-js', ...build]));
    succeeded(compile(consumer));
  });

  describeWithKvm('with KVM', () => {
    test('answers right', () => {
      const answer = JSON.parse(succeeded(consumer.node('js/run.mjs')));
      expect(answer).toEqual({ greeting: 'Hello, WORLD!', largest: 4_294_967_295 });
    });
  });
});

function compile(consumer: Consumer): Outcome {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    types: [],
    outDir: 'js',
    rootDir: '.',
  };
  writeFileSync(
    join(consumer.folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['run.mts'] }),
  );
  return consumer.node(tsc, '-p', '.');
}
