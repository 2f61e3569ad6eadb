// Owns the words of the handbook and the dice that choose them; the dice fall the same way in each run.

const NOUNS =
  `anchor berth bollard buoy cable cargo channel crane crew current deck depth dock draught engine fender
  ferry fleet freight gauge harbour hatch hawser hull keel lantern ledger lighthouse lock manifest mast mooring
  pilot pontoon quay radar rope rudder schedule signal slipway tanker tide tonnage tug vessel warehouse wharf winch`.split(
    /\s+/,
  );
const VERBS =
  `adjusts announces blocks carries checks clears counts delays drops enters follows guides holds inspects
  leaves lifts lowers marks measures meets moves orders passes raises reaches records releases repairs reports
  secures shifts signals stops tows turns waits weighs`.split(/\s+/);
const ADJECTIVES =
  `bright broad calm careful cold deep dry early empty even fast flat foggy full heavy high idle late
  light long low narrow northern open outer quiet rough safe salt shallow slow spare steep strong tidal upper warm
  western wide`.split(/\s+/);
const ENDINGS = [
  'before noon',
  'at low water',
  'without delay',
  'on the second bell',
  'as the log says',
  'twice a day',
];

let state = 20_260_101;

/** A number from 0 up to 1: mulberry32. */
function roll() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

export const chance = (probability) => roll() < probability;
export const pick = (list) => list[Math.floor(roll() * list.length)];

/** From 0 on: at least `least` numbers, fewer than `most`. */
export const range = (least, most) =>
  Array.from({ length: least + Math.floor(roll() * (most - least)) }, (_, index) => index);

export function shuffle(list) {
  return list
    .map((item) => ({ item, at: roll() }))
    .sort((left, right) => left.at - right.at)
    .map(({ item }) => item);
}

export const words = (count) =>
  Array.from({ length: count }, () => pick(chance(0.6) ? NOUNS : ADJECTIVES)).join(' ');
export const title = () => capital(`${pick(ADJECTIVES)} ${pick(NOUNS)} and ${pick(NOUNS)}`);

export function sentence() {
  const subject = `the ${chance(0.5) ? `${pick(ADJECTIVES)} ` : ''}${pick(NOUNS)}`;
  const object = `the ${chance(0.5) ? `${pick(ADJECTIVES)} ` : ''}${pick(NOUNS)}`;
  return `${capital(subject)} ${pick(VERBS)} ${object}${chance(0.4) ? ` ${pick(ENDINGS)}` : ''}.`;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
