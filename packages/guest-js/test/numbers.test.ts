// Shows that values that the guest makes itself arrive as they are: every width, every position, both engines.
import { join } from 'node:path';
import { buildGuest, ENGINES } from '@hl/guest-js';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { arrival, MADE, numbersSource, numbersWit, POSITIONS, show } from './support/numbers.js';
import { type Exports, loadComponent } from './support/run.js';
import { scratch } from './support/scratch.js';

const names = Object.keys(MADE).flatMap((type) =>
  Object.keys(POSITIONS).map((position) => ({ type, position })),
);
const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** StarlingMonkey's tools compile the whole engine for a new world. */
const BUILD_MS = 300_000;

describe.each(ENGINES)('%s', (engine) => {
  let instantiate: () => Promise<Exports>;
  let guest: Exports | undefined;

  /** Where one value traps, the others still have their turn, in an instance of their own. */
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') guest = undefined;
  });

  beforeAll(async () => {
    const folder = scratch({ 'plugin.js': numbersSource(), 'wit/world.wit': numbersWit() });
    const { component } = await buildGuest({
      entry: join(folder, 'plugin.js'),
      wit: join(folder, 'wit'),
      engine,
    });
    const seen = names.map(({ type, position }) => [
      `see${capital(type)}${capital(position)}`,
      (value: unknown) => value,
    ]);
    const load = await loadComponent(component);
    instantiate = async () => {
      const { exports } = await load({ 'test:numbers/host': Object.fromEntries(seen) });
      return exports.guest;
    };
  }, BUILD_MS);

  test.each(names)('$type in $position', async ({ type, position }) => {
    guest ??= await instantiate();
    const id = capital(type) + capital(position);
    const expected = MADE[type]!.map(([, value]) =>
      arrival(position, POSITIONS[position]!.arrives(value, type)),
    );
    const all = (call: (value: unknown, at: number) => unknown) => expected.map(call);
    expect(
      all((_, at) => guest?.[`make${id}`](at)),
      'made by the guest',
    ).toEqual(expected);
    expect(
      all((_, at) => guest?.[`pass${id}`](at)),
      'through an import and back',
    ).toEqual(expected);
    expect(
      all((value) => guest?.[`echo${id}`](value)),
      'in and out again',
    ).toEqual(expected);
    expect(
      all((value) => guest?.[`show${id}`](value)),
      'as the guest sees it',
    ).toEqual(expected.map(show));
  });
});
