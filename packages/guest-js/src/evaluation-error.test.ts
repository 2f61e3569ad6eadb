// Shows how the engines' own texts for a failing top level become the author's.
import { encode } from '@jridgewell/sourcemap-codec';
import { expect, test } from 'vitest';
import { evaluationError } from './evaluation-error.js';
import { LINES_PER_PART, OURS } from './guest/positions.js';

/** The first 100 lines are ours, then the author's file begins, two columns further left. */
const lines = Array.from({ length: 120 }, (_, line) =>
  line < 99 ? [[0, 0, line, 0] as const] : [[2, 1, line - 99, 0] as const],
);
const part = (at: number) => encode(lines.slice(at, at + LINES_PER_PART) as never);
const POSITIONS = {
  bundle: 'guest.js',
  sources: [OURS, 'src/plugin.ts'],
  parts: [part(0), part(LINES_PER_PART)],
};

test('QuickJS', () => {
  const text = `: Failed to evaluate user JavaScript module: Failed to finish JavaScript module evaluation: Error: too early
    at boom (/guest.js:101:9)
    at <anonymous> (/guest.js:106:1)
    at wrapped (/guest.js:7:1)`;
  expect(evaluationError(new Error(text), POSITIONS).message).toBe(
    `the guest failed when its top level ran, at the build:
Error: too early
    at boom (src/plugin.ts:2:7)
    at <anonymous> (src/plugin.ts:7:1)`,
  );
});

test('StarlingMonkey', () => {
  const text = `Failed to initialize component (wizer (/tmp/x/wizer)):
Exception while evaluating top-level script
guest.js:101:9 RangeError: too early
Stack:
  boom@guest.js:101:9
  @guest.js:106:1
Additionally, some promises were rejected, but the rejection never handled:
Promise rejected but never handled: too early`;
  expect(evaluationError(new Error(text), POSITIONS).message).toBe(
    `the guest failed when its top level ran, at the build:
src/plugin.ts:2:7 RangeError: too early
    at boom (src/plugin.ts:2:7)
    at src/plugin.ts:7:1`,
  );
});
