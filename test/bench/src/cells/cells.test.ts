// Owns the proof that cells catch a contestant that cheats: state that was not renewed, answers that are not its own.
import { expect, test } from 'vitest';
import type { BenchExports, Instance } from '../contestants/contestant.js';
import { InstanceSubject } from '../contestants/instances.js';
import { LocalCell } from './batch.js';
import { contextCells, echoCells, freshCells } from './calls.js';
import { serverOf, throughputCell } from './throughput.js';

const guest = { engine: 'v8', path: 'nowhere' } as const;
const size = { leadIn: 1, counted: 3, budgetMs: 1_000 };

function instance(more: Partial<BenchExports> = {}): Instance {
  let called = 0;
  return {
    exports: {
      noop: async () => {
        called += 1;
      },
      calls: async () => called,
      hello: async (name) => `Hello, ${name}!`,
      echo: async (bytes) => bytes.slice(),
      hostCalls: async (count, seed) => seed + count,
      ...more,
    },
    close: async () => {},
  };
}

test('an honest contestant gives samples for each call', async () => {
  const subject = await InstanceSubject.start(guest, async () => instance());
  for (const cell of [
    ...freshCells('', subject),
    ...contextCells('', subject),
    ...echoCells('', subject, 128),
  ]) {
    expect((await new LocalCell(cell).take(size)).samples).toHaveLength(3);
  }
});

test('fresh state that is the old state fails', async () => {
  const reused = instance();
  const subject = await InstanceSubject.start(guest, async () => reused);
  const [noop] = freshCells('', subject);
  await expect(new LocalCell(noop!).take(size)).rejects.toThrow(
    'calls seen by call/fresh/v8/noop answered 4',
  );
});

test('a call that renewed nothing fails', async () => {
  const subject = await InstanceSubject.start(guest, async () => instance());
  const { context, renewals } = subject;
  const lazy = { guest, context, fresh: context, renewals: renewals.bind(subject), close: async () => {} };
  const [, hello] = freshCells('', lazy);
  await expect(new LocalCell(hello!).take(size)).rejects.toThrow(
    'renewals of call/fresh/v8/hello answered 0',
  );
});

test('an answer from the last call fails', async () => {
  const subject = await InstanceSubject.start(guest, async () =>
    instance({ hello: async () => 'Hello, caller 0!', echo: async () => new Uint8Array(128) }),
  );
  const [, hello] = contextCells('', subject);
  await expect(new LocalCell(hello!).take(size)).rejects.toThrow('instead of Hello, caller 1!');
  const [echo] = echoCells('', subject, 128);
  await expect(new LocalCell(echo!).take(size)).rejects.toThrow('answered other bytes');
});

test('throughput counts answers, and asks for as many renewals', async () => {
  const subject = await InstanceSubject.start(guest, async () => instance());
  const cell = new LocalCell(throughputCell('all', [serverOf(subject, 2)]));
  const { samples } = await cell.take({ ...size, leadIn: 0, counted: 1 });
  expect(samples[0]).toBeGreaterThan(0);
  const stale = { ...serverOf(subject, 1), renewals: async () => 0 };
  await expect(new LocalCell(throughputCell('all', [stale])).take(size)).rejects.toThrow('renewals of all');
});
