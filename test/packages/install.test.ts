// Owns the first minutes of a user: install by npm or pnpm into an empty folder, then hello world in every module system.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';
import { Consumer, type Outcome, type PackageManager } from './consumer.js';

const tsc = resolve(import.meta.dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc');

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

function succeeded(outcome: Outcome): string {
  expect(outcome, outcome.stderr + outcome.stdout).toMatchObject({ status: 0 });
  return outcome.stdout.trim();
}

describe.each<PackageManager>(['npm', 'pnpm'])('installed by %s', (manager) => {
  let consumer: Consumer;

  beforeAll(() => {
    const packages = ['@hl/host', '@hl/bindgen', '@hl/guest-js'] as const;
    consumer = Consumer.install({ manager, tarballs: inject('tarballs'), packages: [...packages] });
    consumer.add('hello').add('types').add('guest');
  });
  afterAll(() => consumer?.remove());

  test('import and require give the same classes', () => {
    const { count, different } = JSON.parse(succeeded(consumer.node('identity.mjs')));
    expect(different).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });

  test.each(Object.entries(RESOLUTIONS))(
    'types hold under %s, strict, with library checks, without @types/node',
    (name, options) => {
      succeeded(
        typecheck(consumer, name, options, [
          'hello.mts',
          'library.mts',
          'in-process.mts',
          ...(name === 'bundler' ? [] : ['hello.cts', 'in-process.cts']),
        ]),
      );
    },
  );

  test('the shell commands answer', () => {
    for (const name of ['@hl/host', '@hl/bindgen', '@hl/guest-js']) {
      expect(succeeded(consumer.run('npx', ['--no-install', name, '--help'])), name).toMatch(/usage|npx/i);
    }
  });

  describeWithKvm('with KVM', () => {
    test.each(['hello.mjs', 'hello.cjs'])('%s greets the world and exits by itself', (program) => {
      expect(succeeded(consumer.node(program))).toBe('Hello, World!');
    });

    test('hello world in TypeScript greets the world', () => {
      succeeded(
        typecheck(consumer, 'emit', { ...RESOLUTIONS.nodenext, noEmit: false, outDir: 'js' }, ['hello.mts']),
      );
      expect(succeeded(consumer.node('js/hello.mjs'))).toBe('Hello, World!');
    });

    test('everything that runs lies in the app', () => {
      const mapped = JSON.parse(succeeded(consumer.node('origin.mjs'))) as string[];
      expect(mapped.length).toBeGreaterThan(0);
      expect(mapped.filter((path) => !path.startsWith(consumer.folder))).toEqual([]);
    });

    test('doctor finds nothing wrong', () => {
      succeeded(consumer.run('npx', ['--no-install', '@hl/host', 'doctor']));
    });
  });
});

/** `types` is empty, so that nothing but our own declarations and the standard library is seen. */
function typecheck(consumer: Consumer, name: string, options: object, files: string[]): Outcome {
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    skipLibCheck: false,
    types: [],
    noEmit: true,
    ...options,
  };
  const project = join(consumer.folder, `tsconfig.${name}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files }));
  return consumer.node(tsc, '-p', project);
}
