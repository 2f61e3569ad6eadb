// Owns what decoded values take in V8 on 64 bits, in bytes: by estimate, and rather too much than too little. A guest
// can say in one byte what becomes an object, so a limit on bytes alone would not bound what the process makes of them.

/** A record, a tuple, or flags. */
export const fieldsWeight = (count: number): number => 64 + 12 * count;

/** With its tag, and the place for what it holds. */
export const VARIANT_WEIGHT = 56;

/** Arrays that grow have places for 17 from their first element on. */
export const listWeight = (count: number): number => (count === 0 ? 48 : 192 + 12 * count);

/** Of a typed array, beside its bytes. */
export const NUMBERS_WEIGHT = 192;

export const mapWeight = (count: number): number => 200 + 48 * count;

/** By its bytes in UTF-8: one character beyond Latin-1 makes all of them two bytes wide. */
export const stringWeight = (bytes: number): number => 32 + 2 * bytes;
