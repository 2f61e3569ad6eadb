// Owns the three plug-ins that mean harm, and the proof that each gets nowhere.
import assert from 'node:assert/strict';
import { Sandbox, TimeoutError, TrapError } from '@hl/host';
import { builtComponent, createSite } from './site.js';

const PATIENCE_MS = 250;

/** Each answers in one line what it tried and what became of it, or throws if it succeeded. */
export const attempts: readonly (() => Promise<string>)[] = [loopForEver, readOutside, keepState];

async function loopForEver(): Promise<string> {
  await using sandbox = await createSite([], builtComponent('forever.wasm'));
  const endless = sandbox.with({ timeoutMs: PATIENCE_MS }).exports.renderer.render('page.md', '');
  const error = await failureOf(endless);
  assert(error instanceof TimeoutError, `expected a timeout, got ${error}`);
  return `loops for ever: stopped after ${error.limitMs} ms (${error.code})`;
}

async function readOutside(): Promise<string> {
  await using sandbox = await Sandbox.create({ component: builtComponent('outside.wasm') });
  const error = await failureOf(sandbox.exports.peek());
  assert(error instanceof TrapError && error.trap === 'out-of-bounds', `expected a trap, got ${error}`);
  return `reads outside its memory: trapped, ${error.trap} (${error.code})`;
}

async function keepState(): Promise<string> {
  await using sandbox = await createSite([], builtComponent('hoarder.wasm'));
  const answers = [
    await sandbox.exports.renderer.render('first.md', ''),
    await sandbox.exports.renderer.render('second.md', ''),
  ];
  assert.deepEqual(answers, ['seen 1', 'seen 1']);
  return `counts the pages it has seen: answered 1, then 1 again`;
}

function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => assert.fail(`expected an error, got ${String(value)}`),
    (error: unknown) => error,
  );
}
