// Shows how the engines' own texts for a failing top level become the author's.
import { expect, test } from 'vitest';
import { evaluationError } from './evaluation-error.js';
import { OURS } from './guest/positions.js';

const POSITIONS = { bundle: 'guest.js', sources: ['src/plugin.ts'], runs: [1, OURS, 0, 100, 0, 1] };

test('QuickJS', () => {
  const text = `: Failed to evaluate user JavaScript module: Failed to finish JavaScript module evaluation: Error: too early
    at boom (/guest.js:101:9)
    at <anonymous> (/guest.js:106:1)
    at wrapped (/guest.js:7:1)`;
  expect(evaluationError(new Error(text), POSITIONS).message).toBe(
    `the guest failed when its top level ran, at the build:
Error: too early
    at boom (src/plugin.ts:2)
    at <anonymous> (src/plugin.ts:7)`,
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
src/plugin.ts:2 RangeError: too early
    at boom (src/plugin.ts:2)
    at src/plugin.ts:7`,
  );
});
