// Owns the proof that a process makes what it is asked for, and gives a reason for each name that it cannot.
import { expect, test } from 'vitest';
import type { Cell } from '../cells/cell.js';
import { Planner } from './planner.js';

const cell = (name: string): Cell => ({
  name,
  unit: 'us',
  samples: 1,
  warmUps: 0,
  sample: async () => 1,
});

test('nothing is started for cells that nobody asked for', async () => {
  const planner = new Planner('hello');
  let started = 0;
  const make = (names: string[]) => async () => {
    started += 1;
    return names.map(cell);
  };
  await planner.add(['a/noop'], make(['a/noop']));
  await planner.add(['b/noop', 'b/hello'], make(['b/noop', 'b/hello']));
  expect(started).toBe(1);
  expect(planner.cells.map(({ name }) => name)).toEqual(['b/hello']);
});

test('what is in the way is said of each name', async () => {
  const planner = new Planner('');
  await planner.add(['a', 'b'], async () => {
    throw new TypeError('reset: this option is not supported in this version');
  });
  planner.leaveOut(['c'], 'it cannot');
  expect(planner.cells).toEqual([]);
  expect(planner.unavailable).toEqual([
    { name: 'a', reason: 'reset: this option is not supported in this version' },
    { name: 'b', reason: 'reset: this option is not supported in this version' },
    { name: 'c', reason: 'it cannot' },
  ]);
});
