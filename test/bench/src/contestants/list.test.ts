// Owns the proof that each contestant's adapter is found, also where what it consists of is not installed.
import { expect, test } from 'vitest';
import { contestantOf, OURS, others } from './list.js';

test('every entry leads to an adapter', async () => {
  for (const { prefix } of [OURS, ...others()]) {
    const failure = await contestantOf(prefix).then(
      (contestant) => expect(contestant.prefix).toBe(prefix),
      (error: unknown) => String(error),
    );
    // A package that is not there is a reason, a name that nobody knows is a mistake.
    expect(failure ?? '').not.toContain('there is no contestant');
  }
});

test('jco takes part on each Node, and says so in its names', () => {
  const prefixes = others().map(({ prefix }) => prefix);
  expect(prefixes).toEqual(expect.arrayContaining(['jco-node20/', 'jco-node22/', 'jco-node24/']));
});

test('a name that nobody knows is refused', async () => {
  await expect(contestantOf('nobody/')).rejects.toThrow('there is no contestant "nobody/"');
});
