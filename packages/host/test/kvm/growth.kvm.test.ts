// Memory that a guest took is gone with its state, also where the same VM goes on, for it or for another sandbox.
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { type Context, type Sandbox, TrapError } from '../../src/index.ts';
import { sandboxOf } from './components.ts';

const PAGE = 65_536;

/** The component has one page of memory. Takes more, and writes to each page. */
async function take({ exports }: Sandbox | Context, pages: number): Promise<void> {
  expect(await exports.grow(pages)).toBe(1);
  for (let page = 0; page <= pages; page++) {
    const address = page * PAGE + 100;
    expect([page, await exports.load(address)]).toEqual([page, 0]);
    await exports.store(address);
    expect([page, await exports.load(address)]).toEqual([page, 1]);
  }
}

/** Nothing of what others took is left. */
async function expectFresh({ exports }: Sandbox): Promise<void> {
  expect(await exports.load(100)).toBe(0);
  for (const address of [PAGE + 100, 3 * PAGE + 100, 40 * PAGE + 100]) {
    await expect(exports.load(address)).rejects.toThrow(TrapError);
    await expect(exports.store(address)).rejects.toThrow(TrapError);
  }
  expect(await exports.load(100)).toBe(0);
}

describeWithKvm('growth', () => {
  for (const reset of ['full', 'memory'] as const) {
    test(`is taken back after each context, reset: '${reset}'`, async () => {
      const sandbox = await sandboxOf('traps', { reset });
      for (const pages of [1, 40, 3]) {
        const context = await sandbox.context();
        await take(context, pages);
        await context.finish();
        await expectFresh(sandbox);
      }
    });

    test(`is not there in the next sandbox, reset: '${reset}'`, async () => {
      for (const other of ['traps', 'conformance', 'traps'] as const) {
        const sandbox = await sandboxOf('traps', { reset });
        await expectFresh(sandbox);
        await take(await sandbox.context(), 40);
        await sandbox.close();
        const between = await sandboxOf(other, { reset });
        if (other === 'traps') await expectFresh(between);
        else expect(await between.exports.run.add(1, 2)).toBe(3);
        await between.close();
      }
    });
  }
});
