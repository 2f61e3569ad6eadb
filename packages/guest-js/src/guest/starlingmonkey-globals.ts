// Mends what StarlingMonkey has but a snapshot spoils. Imported before the author's code runs.
import { consoleOver } from './console.js';

// The engine's own shows an error without its stack, and cannot know the author's lines.
const { log, error } = console;
Object.assign(console, consoleOver(log, error));

const words = new Uint32Array(2);
const seeded = Math.random;

/** The engine's own generator is seeded once, at the build, and would give every instance the same numbers. */
Math.random = () => {
  try {
    crypto.getRandomValues(words);
  } catch (error) {
    // While the guest is built there is no chance to draw from.
    if (globalThis.__hlPositions) throw error;
    return seeded();
  }
  return ((words[0] as number) >>> 5) * 2 ** -27 + ((words[1] as number) >>> 6) * 2 ** -53;
};
