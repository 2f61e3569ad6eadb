// Traps: each is told by its kind, and the next call works.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

const PAGE = 65_536;
const LEAST = -(2 ** 31);

const TRAPS: [call: string, args: number[], trap: string][] = [
  ['unreachable', [], 'unreachable'],
  ['load', [PAGE], 'out-of-bounds'],
  ['load', [PAGE - 3], 'out-of-bounds'],
  ['load', [2 ** 32 - 1], 'out-of-bounds'],
  ['store', [PAGE - 1], 'out-of-bounds'],
  ['divide', [1, 0], 'divide-by-zero'],
  ['remainder', [1, 0], 'divide-by-zero'],
  ['divide', [LEAST, -1], 'integer-overflow'],
  ['convert', [Number.NaN], 'bad-conversion'],
  ['call', [0], 'indirect-call'],
  ['call', [1], 'indirect-call'],
  ['call', [2], 'indirect-call'],
  ['recurse', [1], 'stack-overflow'],
];

eachRuntime('traps', ({ sandbox, api, jcoFails }) => {
  test.each(TRAPS)('%s(%j) is %s', async (call, args, trap) => {
    const { exports } = await sandbox('traps-guest');
    const thrown: unknown = await exports[call](...args).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(api.TrapError);
    expect(thrown).toMatchObject({
      code: 'ERR_HL_TRAP',
      trap,
      message: expect.stringContaining(`${call} trapped: `),
    });
    expect(await exports.divide(7, -2)).toBe(-3);
  });

  jcoFails('V8 says the same of both', 'a number beyond is an overflow, no bad conversion', async () => {
    const { exports } = await sandbox('traps-guest');
    await expect(exports.convert(2 ** 31)).rejects.toMatchObject({ trap: 'integer-overflow' });
  });

  test('what is just within bounds is no trap', async () => {
    const { exports } = await sandbox('traps-guest');
    expect(await exports.load(PAGE - 4)).toBe(0);
    expect(await exports.remainder(LEAST, -1)).toBe(0);
    expect(await exports.convert(2 ** 31 - 1)).toBe(2 ** 31 - 1);
  });
});
