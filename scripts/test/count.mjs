// Owns the arithmetic of a test run: how many passed, failed and were skipped, read from what each runner says.
import { existsSync, readFileSync } from 'node:fs';

export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A program whose exit code is its whole answer counts as one check. */
export function countExit(code) {
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

/**
 * Sums up the closing lines of cargo's test programs; `onLine` is fed all that cargo prints. cargo has no word for a
 * test that finds out while it runs that it cannot: ours print `skipped: reason`, which moves one from passed to skipped.
 */
export function cargoCounter() {
  let sum = NOTHING;
  return {
    onLine(line) {
      const found = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(line);
      if (found) {
        sum = add(sum, { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3]) });
      } else if (line.startsWith('skipped: ')) {
        sum = add(sum, { passed: -1, failed: 0, skipped: 1 });
      }
    },
    count: (code) => atLeastOneFailed(sum, code),
  };
}

/** Reads the report that vitest's JSON reporter left. */
export function countVitest(report, code) {
  if (!existsSync(report)) return atLeastOneFailed(NOTHING, code);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const count = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  return atLeastOneFailed(count, code);
}

/** A runner without a single result, or that failed without a failed test, did not get as far as its tests. */
function atLeastOneFailed(count, code) {
  const nothingRan = count.passed + count.failed + count.skipped === 0;
  return count.failed === 0 && (code !== 0 || nothingRan) ? { ...count, failed: 1 } : count;
}
