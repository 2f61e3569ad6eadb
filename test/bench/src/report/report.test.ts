// Owns the proof that tables and chart say what was measured, and never leave out silently what was not.
import { expect, test } from 'vitest';
import type { Result } from '../harness.js';
import { chart, panel } from './chart.js';
import { comparisonTables } from './comparison.js';
import { Figures } from './figures.js';
import { page } from './files.js';
import { makeReport, type Report } from './report.js';
import { asMarkdown, asText } from './table.js';
import { targetRows } from './targets.js';

const distribution = (p50: number) => ({ p50, p99: p50 * 2, min: p50 / 2, n: 10 });
const floors = {
  exit: distribution(25),
  pingPong: distribution(0.1),
  create: distribution(300),
  memcpy: distribution(20),
};

function result(name: string, p50: number, more: Partial<Result> = {}): Result {
  return { name, unit: 'us', ...distribution(p50), perSecond: 1e6 / p50, ...more };
}

function report(results: Result[], skipped: Report['skipped'] = []): Report {
  return makeReport({ results, failed: [] }, floors, skipped, ['--write']);
}

const row = (made: Report, what: string) => made.targets.find((target) => target.what === what);

test('a target is met or not by the median, and says both figures', () => {
  const made = report([result('call/context/quickjs/noop', 2.4), result('call/context/rust/noop', 1.6)]);
  expect(row(made, 'context call, noop, QuickJS')).toEqual({
    what: 'context call, noop, QuickJS',
    asked: '2.50 us',
    measured: '2.40 us',
    met: true,
  });
  expect(row(made, 'context call, noop, Rust')).toMatchObject({ measured: '1.60 us', met: false });
});

test('a target that hangs on a floor names it', () => {
  const made = report([result('call/fresh-paced/1ms/quickjs/hello', 27)]);
  expect(row(made, 'the same, 1 ms between calls')).toMatchObject({
    asked: '1.1 x exit floor = 27.5 us',
    met: true,
  });
});

test('of several Nodes the one on which jco is fastest counts', () => {
  const made = report([
    result('call/context/quickjs/hello', 4),
    result('jco-node20/call/context/quickjs/hello', 20),
    result('jco-node24/call/context/quickjs/hello', 8),
  ]);
  expect(row(made, 'hello QuickJS, context, against the best jco')).toMatchObject({
    measured: '2.00 x (4.00 against 8.00 us, jco-node24)',
    met: true,
  });
});

test('ours counts by the way that answers most calls per second', () => {
  const rate = (name: string, p50: number) => result(name, p50, { unit: 'calls/s' });
  const made = report([
    rate('all-cores/pool/quickjs/hello', 30_000),
    rate('all-cores/sandboxes/quickjs/hello', 20_000),
    rate('isolated-vm/all-cores/processes/v8/hello', 1_000),
  ]);
  expect(row(made, 'fresh calls per second on all cores, against isolated-vm')).toMatchObject({
    measured: '30.0 x (30,000 against 1,000, by pool)',
    met: true,
  });
});

test('what is not there says why, and has no verdict', () => {
  const made = report([], [{ name: 'clone/*', reason: 'snapshots are away' }]);
  const missing = row(made, 'the same in a recycled VM, same snapshot');
  expect(missing).toEqual({
    what: 'the same in a recycled VM, same snapshot',
    asked: '100 us',
    measured: 'not available: snapshots are away',
  });
  expect(row(made, 'host call, sync')?.measured).toBe('not measured');
});

test('each target stands on names that the benchmark measures', () => {
  const asked: string[] = [];
  class Recording extends Figures {
    override get(name: string): Result {
      asked.push(name);
      return result(name, 1);
    }
  }
  const figures = new Recording({ results: [], failed: [], skipped: [] });
  const rows = targetRows({ exitUs: 25, pingPongUs: 0.1, createUs: 300, memcpyUs: 20 }, figures);
  expect(rows.every(({ met }) => met !== undefined)).toBe(true);
  expect(asked).toContain('host-call/sync');
  expect(asked).toContain('clone/loaded/quickjs');
});

test('a contestant that cannot do something has a note in its cell', () => {
  const made = report(
    [result('fork/call/context/v8/hello', 50)],
    [{ name: 'fork/host-call/v8', reason: 'a process has no synchronous call to its parent' }],
  );
  const [warm] = comparisonTables(made);
  const fork = warm!.rows.find(([label]) => label === 'child_process.fork');
  expect(fork).toContain('no (1)');
  expect(asText(warm!)).toContain('(1) child_process.fork: a process has no synchronous call to its parent');
});

test('a contestant that is not there keeps its row', () => {
  const made = report(
    [result('call/fresh/quickjs/hello', 40)],
    [{ name: 'isolated-vm/*', reason: 'it was not installed' }],
  );
  const [, fresh] = comparisonTables(made);
  expect(fresh!.rows.map(([label]) => label)).toEqual(['ours', 'isolated-vm']);
});

test('percentiles and calls per second stand side by side', () => {
  const [, fresh] = comparisonTables(report([result('call/fresh/quickjs/hello', 40)]));
  expect(fresh!.head.slice(6, 9)).toEqual(['hello p50', 'p99', 'hello/s']);
  expect(fresh!.rows[0]!.slice(6, 9)).toEqual(['40.0', '80.0', '25,000']);
});

test('fresh memory stands below fresh everything', () => {
  const made = report([
    result('call/fresh/quickjs/hello', 40),
    result('call/fresh-memory/quickjs/hello', 8),
    result('all-cores/pool/quickjs/hello', 30_000, { unit: 'calls/s' }),
  ]);
  const [, fresh] = comparisonTables(made);
  expect(fresh!.rows.map(([label, , , ...cells]) => [label, cells[3], cells.at(-1)])).toEqual([
    ['ours', '40.0', '30,000'],
    ['ours, memory reset', '8.00', ''],
  ]);
});

test('the chart has a bar for each, fastest first, on a logarithmic scale', () => {
  const svg = chart(
    report([result('call/fresh/quickjs/hello', 40), result('fork/call/fresh/v8/hello', 40_000)]),
  );
  expect(svg.indexOf('ours, QuickJS')).toBeLessThan(svg.indexOf('child_process.fork, V8'));
  const { body } = panel('times', [
    { label: 'a <b>', micros: 10, isOurs: true },
    { label: 'c', micros: 1_000, isOurs: false },
  ]);
  expect(body).toContain('a &lt;b>');
  const [short, long] = [...body.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(long).toBeCloseTo(short! * 3, 0);
});

test('the page shows the chart, the targets and how to make it', () => {
  const text = page(report([], [{ name: 'jco-node22/*', reason: 'its Node is not installed' }]));
  expect(text).toContain('](benchmarks.svg)');
  expect(text).toContain('## Targets');
  expect(text).toContain('`npm run bench -- --write`');
  expect(text).toContain('- `jco-node22/*`: its Node is not installed');
});

test('cells of a table cannot break it', () => {
  const table = { head: ['what'], rows: [['one | two\nthree']] };
  expect(asMarkdown(table).split('\n').at(-1)).toBe('| one \\| two three |');
});
