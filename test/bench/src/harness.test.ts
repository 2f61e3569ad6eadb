// Owns the proof that cells are measured in turns, and that a wrong answer is no result.
import { expect, test } from 'vitest';
import { LocalCell } from './cells/batch.js';
import { type Cell, check } from './cells/cell.js';
import { type Measurable, measure } from './harness.js';

const schedule = {
  rounds: 2,
  share: 1,
  batchMs: 10_000,
  betweenRounds: async () => {},
  onProgress: () => {},
};

function cell(name: string, sample: Cell['sample'], more: Partial<Cell> = {}): Measurable {
  const cell: Cell = { name, unit: 'us', samples: 4, warmUps: 1, sample, ...more };
  const local = new LocalCell(cell);
  return { ...cell, take: (size) => local.take(size) };
}

test('every cell is measured in every round, and each round begins at another one', async () => {
  const order: string[] = [];
  const visit = (name: string) => cell(name, async () => 1, { begin: async () => void order.push(name) });
  await measure([visit('a'), visit('b')], schedule);
  expect(order).toEqual(['a', 'b', 'a', 'b', 'b', 'a']);
});

test('warm-ups are not counted, and each sample has its own turn', async () => {
  const turns: number[] = [];
  const { results } = await measure([cell('a', async (turn) => turns.push(turn))], schedule);
  expect(turns).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(results).toMatchObject([{ name: 'a', unit: 'us', n: 4 }]);
});

test('a wrong answer fails its cell only', async () => {
  const wrong = cell('wrong', async (turn) => {
    check('wrong', turn < 3 ? 'right' : 'other', 'right');
    return 1;
  });
  const { results, failed } = await measure([wrong, cell('good', async () => 1)], schedule);
  expect(results.map(({ name }) => name)).toEqual(['good']);
  expect(failed).toMatchObject([{ name: 'wrong', error: expect.stringContaining('other instead of right') }]);
});

test('what one sample cannot show is looked at after each batch', async () => {
  const batches: number[] = [];
  await measure(
    [cell('a', async () => 1, { verify: async (samples) => void batches.push(samples) })],
    schedule,
  );
  expect(batches).toEqual([1, 3, 3]);
});

test('cells of fewer samples than rounds leave rounds out', async () => {
  let taken = 0;
  const once = cell('once', async () => ++taken, { samples: 1, warmUps: 0 });
  const { results } = await measure([once], { ...schedule, rounds: 5 });
  expect(taken).toBe(1);
  expect(results).toMatchObject([{ name: 'once', n: 1 }]);
});

test('a slow cell takes fewer samples than it has, but takes one', async () => {
  const slow = cell('slow', () => new Promise((resolve) => setTimeout(() => resolve(1), 2)));
  const { results } = await measure([slow], { ...schedule, batchMs: 0 });
  expect(results).toMatchObject([{ n: 2 }]);
});
