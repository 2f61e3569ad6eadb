// Owns reading and writing the outer structure of wasm binaries: numbers, names, sections.

/** A reader over a part of a binary, which never reads past its end. */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get isDone(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.isDone) throw new RangeError('the binary ends in the middle of something');
    return this.bytes[this.at++] as number;
  }

  /** An unsigned LEB128 number of up to 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number in the binary is too long');
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.end) throw new RangeError('the binary ends in the middle of something');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.take(this.u32()));
  }
}

export interface Section {
  id: number;
  body: Uint8Array;
}

/** Magic number, version and layer: what stands before the first section of a module or component. */
export const PREAMBLE_BYTES = 8;

export function isComponent(binary: Uint8Array): boolean {
  return binary[4] === 0x0d && binary[6] === 0x01;
}

export function sections(binary: Uint8Array): Section[] {
  const reader = new BinaryReader(binary, PREAMBLE_BYTES);
  const found: Section[] = [];
  while (!reader.isDone) found.push({ id: reader.byte(), body: reader.take(reader.u32()) });
  return found;
}

/** The binary with these sections in place of its own. */
export function withSections(binary: Uint8Array, all: readonly Section[]): Uint8Array {
  const parts = [binary.subarray(0, PREAMBLE_BYTES)];
  for (const { id, body } of all) parts.push(Uint8Array.of(id, ...u32(body.length)), body);
  return Buffer.concat(parts);
}

export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
