// The error table, its classes, and the page made from it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HyperlightError } from '../src/errors/base.ts';
import * as classes from '../src/errors/classes.ts';
import { errorsPage } from '../src/errors/page.ts';
import { ERRORS, type ErrorCode } from '../src/errors/table.ts';

const PAGE = new URL('../../../docs/errors.md', import.meta.url);

test('docs/errors.md says what the table says (HL_BLESS=1 writes it)', () => {
  if (process.env['HL_BLESS'] === '1') writeFileSync(PAGE, errorsPage());
  expect(readFileSync(PAGE, 'utf8')).toBe(errorsPage());
});

test('every code belongs to a class that exists, and every class has a code', () => {
  const named = new Set<string>(Object.values(ERRORS).map((entry) => entry.class));
  expect([...named].sort()).toEqual(Object.keys(classes).sort());
});

const samples: HyperlightError[] = [
  new classes.HypervisorUnavailableError('missing', 'no /dev/kvm', 'load kvm'),
  new classes.ComponentError('ERR_HL_COMPONENT_INVALID', 'x'),
  new classes.LinkError('x', [], ''),
  new classes.WitError({ tag: 'x' }),
  new classes.TrapError('unreachable', 'x', ''),
  new classes.TimeoutError('wall', 5, 'x'),
  new classes.AbortError('why'),
  new classes.LimitError('maxQueue', 'x'),
  new classes.HostFunctionError('a:b/c#d', new Error('x')),
  new classes.SnapshotError('damaged', 'x'),
  new classes.ContextOpenError(),
  new classes.ContextRequiredError('f'),
  new classes.ReentrancyError('f'),
  new classes.ClosedError('x'),
  new classes.InternalError('ERR_HL_INTERNAL', 'x'),
];

test.each(samples.map((error) => [error.name, error] as const))(
  'a %s is of its class and of no other',
  (name, error) => {
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof HyperlightError).toBe(true);
    expect(error.stack).toMatch(new RegExp(`^${name}: `));
    expect(ERRORS[error.code as ErrorCode].class).toBe(name);
    const ofClass = Object.entries(classes).filter(([, ErrorClass]) => error instanceof ErrorClass);
    expect(ofClass.map(([one]) => one)).toEqual([name]);
  },
);

test('instanceof recognises an error of another copy of this package', () => {
  const foreign = Object.assign(Object.create({ [Symbol.for('@hl/host.error')]: 'TrapError' }), {
    trap: 'exit',
  });
  expect(foreign instanceof classes.TrapError).toBe(true);
  expect(foreign instanceof HyperlightError).toBe(true);
  expect(foreign instanceof classes.WitError).toBe(false);
  for (const other of [new Error('x'), {}, null, undefined, 'x'])
    expect(other instanceof HyperlightError).toBe(false);
});

test('a class that a user derives has its own instances only', () => {
  class OutOfStock extends classes.WitError<string> {}
  expect(new OutOfStock('A1') instanceof classes.WitError).toBe(true);
  expect(new classes.WitError('A1') instanceof OutOfStock).toBe(false);
});

test('messages show little of a payload, whatever it is', () => {
  const texts = [
    'x'.repeat(1000),
    { tag: 'no-such' },
    [1, 2],
    undefined,
    5n,
    () => 1,
    Object.create(null),
  ].map((payload) => new classes.WitError(payload).message);
  for (const text of texts) expect(text.length).toBeLessThan(300);
  expect(texts[1]).toContain("{ tag: 'no-such' }");
});
