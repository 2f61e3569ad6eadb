// The same of guests in JavaScript, by both engines.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest, ENGINES, type EngineName } from '@hl/guest-js';
import type { Sandbox } from '@hl/host';
import { afterAll, beforeAll } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { Exchange, everyTypeHolds, SEED } from './properties.js';
import { randomTypes, TYPES, TYPES_SEED } from './types.mjs';
import { worldOf } from './wit.mjs';

/** StarlingMonkey's tools compile the whole engine for a new world, and so does the host. */
const BUILD_MS = 300_000;

const all = randomTypes(TYPES, TYPES_SEED, false);
const { types } = all;

console.log(`random values of ${types.length} types in JavaScript: HL_SEED=${SEED}`);

const source = `import * as host from 'test:random/host';
import { serve } from '${join(import.meta.dirname, 'guest.ts')}';
export const values = serve(${TYPES}, ${TYPES_SEED}, host);
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
    const exchange = new Exchange(types, api);
    let sandbox: Sandbox;
    beforeAll(async () => {
      const { component } = await build(engine);
      sandbox = await api.Sandbox.create({ component, imports: exchange.imports });
    }, BUILD_MS);
    afterAll(() => sandbox?.close());
    everyTypeHolds(types, exchange, async () => sandbox);
  });
}
