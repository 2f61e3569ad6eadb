// Owns bytes as a guest lays them down, right ones and others, and what they should be taken for: nothing of the host's
// own reader and writer is in here.
import { Buffer } from 'node:buffer';
import type { Numbers } from '../numbers.ts';

export class Wire {
  #parts: Uint8Array[] = [];

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  u8(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u32(value: number): this {
    return this.raw(Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
  }

  bytes(): Uint8Array {
    const bytes = Buffer.concat(this.#parts);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Bytes are no value of a type. */
export class Lie extends Error {}

/** Reads what a guest has laid down. Throws a `Lie`. */
export class Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): Uint8Array<ArrayBuffer> {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Lie('too short');
    const taken = new Uint8Array(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return taken;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    return new DataView(this.take(4).buffer).getUint32(0, true);
  }

  /** Of a number below `end`. */
  below(end: number): number {
    const value = this.u8();
    if (value >= end) throw new Lie('no such case');
    return value;
  }

  end(): void {
    if (this.#at < this.#bytes.length) throw new Lie('too long');
  }
}

const EDGES = [0, 1, 2, 0x7f, 0xff, 0xd800, 0x11_0000, 1 << 24, 1 << 29, 1 << 30, 0x7fff_ffff, 0xffff_ffff];

/** One or two changes that the input chooses: most make no value of what was one. */
export function spoiled(bytes: Uint8Array, numbers: Numbers): Uint8Array {
  let spoilt = bytes;
  for (let count = 1 + numbers.below(2); count > 0; count--) spoilt = changed(spoilt, numbers);
  return spoilt;
}

function changed(bytes: Uint8Array, numbers: Numbers): Uint8Array {
  const anywhere = (numbers.u8() | (numbers.u8() << 8)) % (bytes.length + 1);
  // Most of what is longer than a byte lies at a multiple of four.
  const at = numbers.below(2) === 0 ? anywhere : anywhere & ~3;
  const copy = bytes.slice();
  switch (numbers.below(6)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return new Wire()
        .raw(bytes)
        .raw(numbers.bytes(1 + numbers.below(8)))
        .bytes();
    case 2:
      return new Wire()
        .raw(bytes.slice(0, at))
        .raw(bytes.slice(at + 1 + numbers.below(4)))
        .bytes();
    case 3: {
      const edge = new Wire().u32(EDGES[numbers.below(EDGES.length)]! + numbers.below(3) - 1).bytes();
      copy.set(edge.subarray(0, bytes.length - at), at);
      return copy;
    }
    case 4:
      copy[at] = numbers.u8();
      return copy;
    default:
      if (at < copy.length) copy[at]! ^= 1 << numbers.below(8);
      return copy;
  }
}
