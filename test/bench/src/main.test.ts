// Owns the proof that the whole benchmark runs, and that its JSON is what other programs rely on.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../support/kvm.js';
import { inPackage } from './paths.js';

/** Guests are built first: StarlingMonkey's takes half a minute. */
const PATIENCE_MS = 10 * 60_000;

const CALLS = ['fresh', 'fresh-memory', 'context'].flatMap((state) =>
  ['rust', 'quickjs'].flatMap((engine) => ['noop', 'hello'].map((name) => `call/${state}/${engine}/${name}`)),
);
const NAMES = [
  'create/first-answer',
  ...CALLS,
  'call/fresh-warmed/rust/hello',
  'call/fresh-warmed/quickjs/hello',
  'call/fresh-paced/100us/quickjs/hello',
  'call/fresh-paced/1ms/quickjs/hello',
  'call/echo/128',
  'call/echo/4096',
  'call/echo/1048576',
  'call/context/rust/echo/1048576',
  'host-call/sync',
  'reset/pages',
  'reset/time',
  'load/cached',
  'stop/quickjs',
  'off-core/signal',
  'off-core/deadline',
  'off-core/close',
  'memory/rss/quickjs',
  'alive/500/quickjs',
  'all-cores/processes/quickjs/hello',
  'all-cores/sandboxes/quickjs/hello',
  'all-cores/pool/quickjs/hello',
  'clone/new-vm/quickjs',
  'clone/recycled/same-snapshot/quickjs',
  'clone/recycled/other-snapshot/quickjs',
  'clone/recycled/other-component/quickjs',
  'clone/loaded/quickjs',
];
const FLOORS = ['exitUs', 'pingPongUs', 'createUs', 'memcpyUs'];

interface Printed {
  readonly floors: Record<string, number>;
  readonly results: readonly Record<string, unknown>[];
  readonly targets: readonly { what: string; asked: string; measured: string }[];
  readonly skipped: readonly { name: string; reason: string }[];
  readonly failed: readonly unknown[];
}

describeWithKvm('the benchmark', () => {
  test(
    'prints one JSON object with floors, results, and targets',
    async () => {
      // The other contestants are not installed for tests.
      const options = ['--quick', '--json', '--ours'];
      const { stdout } = await promisify(execFile)(process.execPath, [inPackage('dist/main.js'), ...options]);
      const { floors, results, targets, skipped, failed } = JSON.parse(stdout) as Printed;
      expect(failed).toEqual([]);
      expect(Object.keys(floors)).toEqual(FLOORS);
      for (const floor of Object.values(floors)) expect(floor).toBeGreaterThan(0);
      expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMES));
      for (const result of results) {
        expect(Object.keys(result).sort()).toEqual(['min', 'n', 'name', 'p50', 'p99', 'perSecond', 'unit']);
        expect(Number(result['p50'])).toBeGreaterThanOrEqual(Number(result['min']));
        expect(Number(result['p99'])).toBeGreaterThanOrEqual(Number(result['p50']));
      }
      for (const { what, asked, measured } of targets) expect([what, asked, measured]).not.toContain('');
      for (const { reason } of skipped) expect(reason).not.toBe('');
    },
    PATIENCE_MS,
  );

  test('starts nothing that was not asked for', async () => {
    const options = ['--quick', '--json', '--ours', '--only', 'call/context/rust/noop'];
    const { stdout } = await promisify(execFile)(process.execPath, [inPackage('dist/main.js'), ...options]);
    const { results } = JSON.parse(stdout) as Printed;
    expect(results.map(({ name }) => name)).toEqual(['call/context/rust/noop']);
  });
});
