// Values of random types: there and back, as text of what the guest saw, made by the guest from a seed, and through the host's functions. HL_SEED repeats a run.
import type { Sandbox } from '@hl/host';
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { Exchange, everyTypeHolds, SEED, VALUES } from './properties.js';
import { randomTypes, TYPES, TYPES_SEED } from './types.mjs';
import { witOf } from './wit.mjs';

const { types } = randomTypes(TYPES, TYPES_SEED, true);
console.log(`random values of ${types.length} types: HL_SEED=${SEED}`);

test('the types are 200 at least, different ones, and the values 20,000', () => {
  expect(new Set(types.map(witOf)).size).toBeGreaterThanOrEqual(200);
  expect(types.length * VALUES).toBeGreaterThanOrEqual(20_000);
});

eachRuntime('random values, in Rust', ({ api, sandbox }) => {
  const exchange = new Exchange(types, api);
  let opened: Promise<Sandbox> | undefined;
  everyTypeHolds(types, exchange, () => {
    opened ??= sandbox('random', { imports: exchange.imports });
    return opened;
  });
});
