// Shows what each method of the guest's console writes, and to which stream.
import { expect, test } from 'vitest';
import { consoleOver } from '../../src/guest/console.js';

type Console = ReturnType<typeof consoleOver>;

function written(use: (console: Console) => void): { out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  use(
    consoleOver(
      (text) => out.push(text),
      (text) => err.push(text),
    ),
  );
  return { out, err };
}

const toStdout = (use: (console: Console) => void) => {
  const { out, err } = written(use);
  expect(err).toEqual([]);
  return out;
};
const toStderr = (use: (console: Console) => void) => {
  const { out, err } = written(use);
  expect(out).toEqual([]);
  return err;
};

test.each(['log', 'info', 'debug', 'dirxml'] as const)('%s goes to stdout', (name) => {
  expect(toStdout((console) => console[name]('a', { b: [1n] }))).toEqual(['a { b: [ 1n ] }']);
});

test.each(['warn', 'error'] as const)('%s goes to stderr', (name) => {
  expect(toStderr((console) => console[name]('a', 1))).toEqual(['a 1']);
});

test.each([
  [['%s and %s', 'one', { two: 2 }], 'one and { two: 2 }'],
  [['%d %i %f', '4.5', 4.9, '2.5x'], '4.5 4 2.5'],
  [['%d', 5n], '5n'],
  [['%d %i %f', Symbol('a'), Symbol('b'), Symbol('c')], 'NaN NaN NaN'],
  [['%d %i %f', Object.create(null), Object.create(null), Object.create(null)], 'NaN NaN NaN'],
  [['%j', 5n], '5n'],
  [['%j %o %O', { a: 1 }, [1], [2]], '{"a":1} [ 1 ] [ 2 ]'],
  [['%cstyled%c', 'color: red', ''], 'styled'],
  [['100%% %s'], '100%% %s'],
  [['100%% of %s', 'it', 'more'], '100% of it more'],
  [['%s %s', 'one'], 'one %s'],
  [['%x', 1], '%x 1'],
  [[{ first: 1 }, '%s'], '{ first: 1 } %s'],
  [[], ''],
])('of case %# log makes one text', (values, text) => {
  expect(toStdout((console) => console.log(...values))).toEqual([text]);
});

test('table draws rows of objects, of arrays, of plain values and of maps', () => {
  expect(
    toStdout((console) =>
      console.table([{ sku: 'A1', cents: 120 }, { sku: 'é', more: { deep: [1] } }, 7]),
    )[0],
  ).toBe(
    `┌─────────┬──────┬───────┬─────────────────┬────────┐
│ (index) │ sku  │ cents │ more            │ Values │
├─────────┼──────┼───────┼─────────────────┼────────┤
│ 0       │ "A1" │ 120   │                 │        │
│ 1       │ "é"  │       │ { deep: [ 1 ] } │        │
│ 2       │      │       │                 │ 7      │
└─────────┴──────┴───────┴─────────────────┴────────┘`,
  );
  expect(toStdout((console) => console.table([{ a: 1, b: 2 }], ['b']))[0]).toContain('│ (index) │ b │');
  expect(toStdout((console) => console.table(new Map([['k', 1]])))[0]).toContain(
    '│ 0       │ "k" │ 1      │',
  );
  expect(toStdout((console) => console.table(new Set(['x'])))[0]).toContain('│ 0       │ "x"    │');
  expect(toStdout((console) => console.table('no rows'))).toEqual(['no rows']);
});

test('assert says nothing of what holds', () => {
  expect(toStderr((console) => console.assert(true, 'no'))).toEqual([]);
  expect(toStderr((console) => console.assert(0))).toEqual(['Assertion failed']);
  expect(toStderr((console) => console.assert(false, '%s is %d', 'it', 5))).toEqual([
    'Assertion failed: it is 5',
  ]);
  expect(toStderr((console) => console.assert(false, { a: 1 }))).toEqual(['Assertion failed: { a: 1 }']);
});

test('trace tells where it was called', () => {
  const [text] = toStderr((console) => console.trace('here %d', 1));
  expect(text).toMatch(/^Trace: here 1\n[\s\S]* {4}at .*console\.test\.ts:\d+:\d+/);
});

test('group indents each line, on both streams, until it ends', () => {
  const { out, err } = written((console) => {
    console.group('outer');
    console.log('one\ntwo');
    console.groupCollapsed();
    console.warn('inner');
    console.groupEnd();
    console.groupEnd();
    console.groupEnd();
    console.log('after');
  });
  expect(out).toEqual(['outer', '  one\n  two', 'after']);
  expect(err).toEqual(['    inner']);
});

test('count counts by label', () => {
  const { out, err } = written((console) => {
    console.count();
    console.count('a%s');
    console.count();
    console.countReset();
    console.count();
    console.countReset('never');
  });
  expect(out).toEqual(['default: 1', 'a%s: 1', 'default: 2', 'default: 1']);
  expect(err).toEqual(["there is no count 'never'"]);
});

test('time tells what went by, and misuse on stderr', () => {
  const { out, err } = written((console) => {
    console.time('t');
    console.time('t');
    console.timeLog('t', { so: 'far' });
    console.timeEnd('t');
    console.timeEnd('t');
  });
  expect(out).toEqual([
    expect.stringMatching(/^t: \d+\.\d{3}ms \{ so: "far" \}$/),
    expect.stringMatching(/^t: \d+\.\d{3}ms$/),
  ]);
  expect(err).toEqual(["there is a timer 't' already", "there is no timer 't'"]);
});
