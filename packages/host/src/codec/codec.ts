// Owns what a codec is: how one WIT type is written and read.
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export interface Codec {
  /** The fewest bytes that any value takes; at least 1. */
  readonly bytesMin: number;
  /** Throws a `Mismatch` if `value` is not of the type. */
  encode(writer: Writer, value: unknown): void;
  /** Throws a `Malformed` if the bytes are not a value of the type. */
  decode(reader: Reader): unknown;
}

/** Bytes of the number that tells `count` cases apart. */
export function discriminantBytes(count: number): 1 | 2 | 4 {
  return count <= 0x100 ? 1 : count <= 0x1_0000 ? 2 : 4;
}

export function writeDiscriminant(writer: Writer, bytes: 1 | 2 | 4, value: number): void {
  if (bytes === 1) writer.u8(value);
  else if (bytes === 2) writer.u16(value);
  else writer.u32(value);
}

export function readDiscriminant(reader: Reader, bytes: 1 | 2 | 4): number {
  return bytes === 1 ? reader.u8() : bytes === 2 ? reader.u16() : reader.u32();
}
