// Owns the proof that the same plug-in, written in different languages, does the same in a micro-VM.
import { Sandbox, TrapError } from '@hl/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithKvm } from '../../../test/support/kvm.js';
import { type LenderContextExports, type LenderExports, lender } from '../src/gen/lender.js';
import { languages } from '../src/languages.js';
import { cases, importsWithResources, resourceCases } from './cases.js';

/** The largest of them are compiled once for half a minute. */
const COMPILE_MS = 300_000;

describeWithKvm('the ledger', () => {
  describe.each(languages)('in $name', ({ component }) => {
    let sandbox: Sandbox<LenderExports, LenderContextExports>;
    let stderr = '';

    beforeAll(async () => {
      sandbox = await Sandbox.create({
        world: lender,
        component: component(),
        imports: importsWithResources,
        stderr: (text) => {
          stderr += text;
        },
      });
    }, COMPILE_MS);
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

    test('what fails is a trap with its reason on stderr, and the next call works', async () => {
      stderr = '';
      await expect(sandbox.exports.ledger.fail('the till is gone')).rejects.toThrow(TrapError);
      expect(stderr).toContain('the till is gone');
      expect(await sandbox.exports.ledger.fingerprint(new Uint8Array())).toBe(0xcbf29ce484222325n);
    });
  });
});
