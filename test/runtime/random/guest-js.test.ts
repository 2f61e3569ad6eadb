// The same of guests in JavaScript, by both engines: values of random types, there and back, told, and made.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest, ENGINES, type EngineName } from '@hl/guest-js';
import type { Sandbox } from '@hl/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { keyOf, makeValue, random, randomTypes, TYPES, TYPES_SEED, tell, witOf, worldOf } from './types.mjs';

const SEED = Number(process.env['HL_SEED'] ?? Date.now() % 2 ** 31);
/** Of each type: in lists, one by one, and made by the guest. 20,000 in all. */
const [ECHOED, TOLD, MADE] = [60, 5, 35];
const CHUNK = 20;
/** StarlingMonkey's tools compile the whole engine for a new world, and so does the host. */
const BUILD_MS = 300_000;

const all = randomTypes(TYPES, TYPES_SEED, false);
const { types } = all;

console.log(`random values of ${types.length} types in JavaScript: HL_SEED=${SEED}`);

const source = `import { keyOf, makeValue, random, randomTypes, tell } from '${join(import.meta.dirname, 'types.mjs')}';
const { types } = randomTypes(${TYPES}, ${TYPES_SEED}, false);
export const values = {};
for (const [index, type] of types.entries()) {
  values[keyOf('echo', index)] = (values) => values;
  values[keyOf('tell', index)] = (value) => tell(type, value);
  values[keyOf('make', index)] = (seed, count) => {
    const next = random(seed);
    return Array.from({ length: count }, () => makeValue(type, next));
  };
}
`;

const folder = mkdtempSync(join(tmpdir(), 'hl-random-'));
const built = new Map<EngineName, Promise<{ component: Uint8Array }>>();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function build(engine: EngineName): Promise<{ component: Uint8Array }> {
  mkdirSync(join(folder, 'wit'), { recursive: true });
  writeFileSync(join(folder, 'wit/world.wit'), worldOf(all, 'test:random'));
  writeFileSync(join(folder, 'plugin.js'), source);
  const building =
    built.get(engine) ?? buildGuest({ entry: join(folder, 'plugin.js'), wit: join(folder, 'wit'), engine });
  built.set(engine, building);
  return building;
}

for (const engine of ENGINES) {
  eachRuntime(`random values, in JavaScript by ${engine}`, ({ api }) => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      const { component } = await build(engine);
      sandbox = await api.Sandbox.create({ component });
    }, BUILD_MS);
    afterAll(() => sandbox?.close());

    test.each(Array.from({ length: types.length / CHUNK }, (_, chunk) => chunk * CHUNK))(
      'of types from %i on',
      async (first) => {
        await using context = await sandbox.context();
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
}
