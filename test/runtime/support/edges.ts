// Owns the 62 values of each numeric type at which mistakes show: ends, powers of two and their neighbours.

export const EDGES = 62;

export type Numeric = 'u8' | 's8' | 'u16' | 's16' | 'u32' | 's32' | 'u64' | 's64' | 'f32' | 'f64';

export const NUMERIC: readonly Numeric[] = [
  'u8',
  's8',
  'u16',
  's16',
  'u32',
  's32',
  'u64',
  's64',
  'f32',
  'f64',
];

/** Of a whole type, the first two are its least and its greatest. */
export function edgesOf(type: Numeric): (number | bigint)[] {
  if (type === 'f32') return floats(Math.fround, 126, 149, 23);
  if (type === 'f64') return floats((value) => value, 1022, 1074, 52);
  const bits = Number(type.slice(1));
  const whole = wholes(bits, type.startsWith('s'));
  return bits === 64 ? whole : whole.map(Number);
}

/** From both ends and the middle outwards; what a small type has no room for is filled with what lies between. */
function wholes(bits: number, isSigned: boolean): bigint[] {
  const [min, max] = isSigned
    ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
    : [0n, 2n ** BigInt(bits) - 1n];
  const found = new Set<bigint>([min, max, 0n, min + 1n, max - 1n]);
  const add = (value: bigint): void => {
    if (value >= min && value <= max && found.size < EDGES) found.add(value);
  };
  // The widths at which something is cut come first.
  for (const width of [7, 8, 15, 16, 31, 32, 52, 53, 62, 63, 64, 24, 33, 48, 1, 2, 4, 11, 12, 20]) {
    for (const near of [-1n, 0n, 1n]) {
      add(2n ** BigInt(width) + near);
      add(-(2n ** BigInt(width)) + near);
    }
  }
  for (let step = 1n; found.size < EDGES; step++) add(min + ((max - min) * step) / BigInt(EDGES));
  for (let value = min; found.size < EDGES; value++) add(value);
  return [...found];
}

function floats(
  round: (value: number) => number,
  minExponent: number,
  subnormal: number,
  fraction: number,
): number[] {
  const max = round((2 - 2 ** -fraction) * 2 ** (minExponent + 1));
  const positive = [
    0,
    Number.POSITIVE_INFINITY,
    max,
    2 ** -subnormal,
    2 ** -minExponent,
    2 ** -minExponent - 2 ** -subnormal,
    1,
    1 + 2 ** -fraction,
    1 - 2 ** -(fraction + 1),
    0.1,
    0.5,
    1 / 3,
    Math.PI,
    2 ** (fraction + 1),
    2 ** (fraction + 1) - 1,
    2 ** 24 + 2,
    2 ** 31,
    2 ** 31 - 128,
    2 ** 32,
    2 ** 54,
    2 ** 63,
    2 ** 64,
    127,
    255,
    65_535,
    1e10,
    1e-10,
    123_456.789,
    3.4e38,
    1.5,
  ].map(round);
  const all = [...positive, ...positive.map((value) => -value), Number.NaN, 2 ** -20];
  return all;
}
