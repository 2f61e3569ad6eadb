// Owns the proof that the same components do the same in this process, where there is no KVM.
import { Sandbox, TrapError } from '@hl/host/in-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LenderContextExports, type LenderExports, lender } from '../src/gen/lender.js';
import { languages } from '../src/languages.js';
import { cases, importsWithResources, resourceCases } from './cases.js';

/** The largest of them take that long to be translated where much else goes on. */
const TRANSLATE_MS = 300_000;

describe.each(languages)('the ledger in $name, without a micro-VM', ({ component }) => {
  let sandbox: Sandbox<LenderExports, LenderContextExports>;

  beforeAll(async () => {
    sandbox = await Sandbox.create({
      world: lender,
      component: component(),
      imports: importsWithResources,
    });
  }, TRANSLATE_MS);
  afterAll(() => sandbox?.close());

  test.each(Object.entries(cases))('%s', (_, check) => check(sandbox.exports));

  test.each(Object.entries(resourceCases))('%s', async (_, check) => {
    const context = await sandbox.context();
    try {
      await check(context.exports);
    } finally {
      await context.finish();
    }
  });

  test('what fails is a trap, and the next call works', async () => {
    await expect(sandbox.exports.ledger.fail('the till is gone')).rejects.toThrow(TrapError);
    expect(await sandbox.exports.ledger.fingerprint(new Uint8Array())).toBe(0xcbf29ce484222325n);
  });
});
