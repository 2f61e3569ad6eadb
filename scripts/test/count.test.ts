// Owns the proof that the closing line of `npm test` cannot say "0 failed" when something failed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cargoCounter, countExit, countVitest } from './count.mjs';

test('each of cargo’s test programs adds to the sum', () => {
  const counter = cargoCounter();
  counter.onLine(
    'test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s',
  );
  counter.onLine('test decode::overlap ... ok');
  counter.onLine('test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out');
  expect(counter.count(101)).toEqual({ passed: 15, failed: 2, skipped: 1 });
});

test('a test of cargo’s that says why it could not run is skipped, not passed', () => {
  const counter = cargoCounter();
  counter.onLine('skipped: opening /dev/kvm: No such file or directory');
  counter.onLine('test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out');
  expect(counter.count(0)).toEqual({ passed: 4, failed: 0, skipped: 1 });
});

test('a runner that fails before its first test counts as one failure', () => {
  expect(cargoCounter().count(101)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countVitest(join(tmpdir(), 'no-such-report.json'), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countExit(2)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a runner that succeeds without any test is no success', () => {
  expect(cargoCounter().count(0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('skipped and planned tests of vitest are skipped ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hl-count-'));
  try {
    const report = join(folder, 'report.json');
    const numbers = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 2, numTodoTests: 1 };
    writeFileSync(report, JSON.stringify(numbers));
    expect(countVitest(report, 0)).toEqual({ passed: 7, failed: 0, skipped: 3 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
