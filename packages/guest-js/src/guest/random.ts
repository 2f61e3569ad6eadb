// Owns chance for QuickJS: each number is drawn from WASI when it is asked for.
import { buildChance } from './build-chance.js';
import { isBuilding, refuseWhileBuilding, SHARED_CHANCE } from './phase.js';
import { randomBytes, randomDigits } from './quickjs-wasi.js';

/** 53 random bits, the same even distribution as everywhere. */
export function random(): number {
  if (isBuilding()) return buildChance();
  const digits = randomDigits();
  const high = Number.parseInt(digits.slice(0, 8), 16) >>> 5;
  const low = Number.parseInt(digits.slice(8), 16) >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** The Web's own limit for one call. */
const BYTES_MAX = 65_536;

export const crypto = {
  getRandomValues<T extends ArrayBufferView>(into: T): T {
    refuseWhileBuilding('crypto.getRandomValues', SHARED_CHANCE);
    if (into instanceof Float32Array || into instanceof Float64Array || into instanceof DataView) {
      throw new TypeError('crypto.getRandomValues takes a typed array of integers');
    }
    if (into.byteLength > BYTES_MAX) {
      throw new RangeError(`crypto.getRandomValues fills ${BYTES_MAX} bytes at most, got ${into.byteLength}`);
    }
    if (into.byteLength > 0) {
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(randomBytes(into.byteLength));
    }
    return into;
  },
  randomUUID(): string {
    refuseWhileBuilding('crypto.randomUUID', SHARED_CHANCE);
    const bytes = randomBytes(16);
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
};
