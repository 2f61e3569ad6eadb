// Owns the proof that the same components do the same in this process, where there is no KVM.
import { Sandbox, TrapError } from '@hl/host/in-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PluginExports, plugin } from '../src/gen/plugin.js';
import { type Language, languages } from '../src/languages.js';
import { cases, imports } from './cases.js';

/** The largest of them take that long to be translated where much else goes on. */
const TRANSLATE_MS = 300_000;

/** Their components compute constants, which no V8 before that of Node 21 does. */
const isTooNew = ({ name }: Language): boolean =>
  /python|quickjs/.test(name) && Number(process.versions.node.split('.')[0]) < 21;
const runnable = languages.filter((language) => !isTooNew(language));
const refused = languages.filter(isTooNew);

// Where there is nothing to refuse, the list is empty, which vitest does not like.
if (refused.length > 0) {
  test.each(refused)(
    'what is in $name needs a newer Node, and says so',
    async ({ component }) => {
      await expect(Sandbox.create({ world: plugin, component: component(), imports })).rejects.toThrow(
        "cannot run the component's code",
      );
    },
    TRANSLATE_MS,
  );
}

describe.each(runnable)('the ledger in $name, without a micro-VM', ({ component }) => {
  let sandbox: Sandbox<PluginExports>;

  beforeAll(async () => {
    sandbox = await Sandbox.create({ world: plugin, component: component(), imports });
  }, TRANSLATE_MS);
  afterAll(() => sandbox?.close());

  test.each(Object.entries(cases))('%s', (_, check) => check(sandbox.exports));

  test('what fails is a trap, and the next call works', async () => {
    await expect(sandbox.exports.ledger.fail('the till is gone')).rejects.toThrow(TrapError);
    expect(await sandbox.exports.ledger.fingerprint(new Uint8Array())).toBe(0xcbf29ce484222325n);
  });
});
