// VMs of closed sandboxes serve the next ones: seen by their threads, which are the same.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { binding, compile, Driven } from './driver.ts';

/** Threads that have a VM or wait for a sandbox. */
const threads = (): string[] =>
  readdirSync('/proc/self/task').filter((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8') === 'hl-sandbox\n';
    } catch {
      return false; // It ended meanwhile.
    }
  });

describeWithKvm('recycling', () => {
  const counter = compile('counter');
  const conformance = compile('conformance');

  test('one thread serves sandbox after sandbox, whatever their component, each in a state of its own', async () => {
    const seen = new Set<string>();
    for (let turn = 0; turn < 12; turn++) {
      const isCounter = turn % 3 !== 0;
      const driven = await Driven.ready(isCounter ? counter : conformance);
      const name = isCounter ? 'next' : 'counter-next';
      expect([await driven.number(name, true), await driven.number(name, true)]).toEqual([1, 2]);
      for (const thread of threads()) seen.add(thread);
      await driven.close();
    }
    expect([...seen]).toHaveLength(1);
  });

  test('sandboxes that live at once have threads of their own, of which few wait afterwards', async () => {
    const many = await Promise.all(Array.from({ length: 10 }, () => Driven.ready(counter)));
    expect(threads().length).toBeGreaterThanOrEqual(10);
    await Promise.all(many.map((driven) => driven.close()));
    await expect.poll(() => threads().length, { timeout: 30_000 }).toBeLessThanOrEqual(4);
    await expect.poll(() => threads().length, { timeout: 30_000 }).toBe(0);
  });

  test('a deadline holds in a VM that another sandbox left, whose timer went off while that one was made', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const last = await Driven.ready(turn % 2 === 0 ? counter : conformance);
      await last.number(turn % 2 === 0 ? 'next' : 'counter-next');
      await last.close();
      const driven = await Driven.ready(conformance);
      const { call } = driven.start('spin', { ms: 20 });
      expect(await driven.next('failed')).toEqual({
        kind: 'failed',
        call,
        error: { code: 'timeout', kind: 'wall' },
      });
      await driven.close();
    }
  });

  test('a VM whose guest has lied is replaced before the next call', async () => {
    const driven = await Driven.ready(counter);
    const next = (): Promise<number> => driven.number('next', true);
    expect([await next(), await next()]).toEqual([1, 2]);
    binding.condemn(driven.handle);
    expect(await next()).toBe(1);
    expect(binding.stats(driven.handle).replacements).toBe(1);
    await driven.close();
  });

  test('a VM whose guest has lied serves no other sandbox', async () => {
    await expect.poll(() => threads().length, { timeout: 30_000 }).toBe(0);
    const seen = new Set<string>();
    for (let turn = 0; turn < 3; turn++) {
      const driven = await Driven.ready(conformance);
      for (const thread of threads()) seen.add(thread);
      driven.start('spin');
      binding.condemn(driven.handle);
      binding.close(driven.handle);
      expect((await driven.next('failed')).error).toMatchObject({ code: 'closed' });
      await driven.next('closed');
    }
    expect([...seen]).toHaveLength(3);
  });

  test('a VM whose sandbox was closed in the middle of a call works for the next one', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const driven = await Driven.ready(conformance);
      driven.start('spin');
      binding.close(driven.handle);
      expect((await driven.next('failed')).error).toMatchObject({ code: 'closed' });
      await driven.next('closed');
      const next = await Driven.ready(conformance);
      expect(await next.number('counter-next')).toBe(1);
      await next.close();
    }
  });
});
