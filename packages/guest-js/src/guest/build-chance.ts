// Owns `Math.random` at the top level: the same numbers in each build, so that a build can be repeated.

/** Mulberry32: 32 bits of state, good enough to shuffle with. */
let state = 0x5eed;

export function buildChance(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
