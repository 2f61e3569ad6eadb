// Values of random types: there and back, as text of what the guest saw, and made by the guest from a seed. HL_SEED repeats a run.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { keyOf, makeValue, random, randomTypes, TYPES, TYPES_SEED, tell, witOf } from './types.mjs';

const SEED = Number(process.env['HL_SEED'] ?? Date.now() % 2 ** 31);
/** Of each type: in lists, one by one, and made by the guest. 20,000 in all. */
const [ECHOED, TOLD, MADE] = [60, 5, 35];
const CHUNK = 10;

const { types } = randomTypes(TYPES, TYPES_SEED, true);
console.log(`random values of ${types.length} types: HL_SEED=${SEED}`);

test('the types are 200 at least, different ones, and the values 20,000', () => {
  expect(new Set(types.map(witOf)).size).toBeGreaterThanOrEqual(200);
  expect(types.length * (ECHOED + TOLD + MADE)).toBeGreaterThanOrEqual(20_000);
});

eachRuntime('random values, in Rust', ({ sandbox }) => {
  test.each(Array.from({ length: types.length / CHUNK }, (_, chunk) => chunk * CHUNK))(
    'of types from %i on',
    async (first) => {
      await using context = await (await sandbox('random')).context();
      const { values } = context.exports;
      for (let index = first; index < first + CHUNK; index++) {
        const type = types[index]!;
        const next = random(SEED + index);
        const make = () => makeValue(type, next);
        const echoed = Array.from({ length: ECHOED }, make);
        expect(await values[keyOf('echo', index)](echoed), witOf(type)).toEqual(echoed);
        for (const one of Array.from({ length: TOLD }, make)) {
          expect(await values[keyOf('tell', index)](one), witOf(type)).toBe(tell(type, one));
        }
        const same = random(SEED + index);
        const made = Array.from({ length: MADE }, () => makeValue(type, same));
        expect(await values[keyOf('make', index)](SEED + index, MADE), witOf(type)).toEqual(made);
      }
    },
  );
});
