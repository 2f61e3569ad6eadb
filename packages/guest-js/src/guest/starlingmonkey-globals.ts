// Mends what StarlingMonkey has but a snapshot spoils. Imported before the author's code runs.
import { buildChance } from './build-chance.js';
import { consoleOver } from './console.js';
import { isBuilding, refuseWhileBuilding, SHARED_CHANCE } from './phase.js';

// The engine's own shows an error without its stack, and cannot know the author's lines.
const { log, error } = console;
Object.assign(console, consoleOver(log, error));

const words = new Uint32Array(2);

/** The engine's own generator is seeded once, at the build, and would give every instance the same numbers. */
Math.random = () => {
  if (isBuilding()) return buildChance();
  crypto.getRandomValues(words);
  return ((words[0] as number) >>> 5) * 2 ** -27 + ((words[1] as number) >>> 6) * 2 ** -53;
};

const { getRandomValues, randomUUID } = crypto;
Object.assign(crypto, {
  getRandomValues<T extends ArrayBufferView>(into: T): T {
    refuseWhileBuilding('crypto.getRandomValues', SHARED_CHANCE);
    return getRandomValues.call(crypto, into) as T;
  },
  randomUUID(): string {
    refuseWhileBuilding('crypto.randomUUID', SHARED_CHANCE);
    return randomUUID.call(crypto);
  },
});
