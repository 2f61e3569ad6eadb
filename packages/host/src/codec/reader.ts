// Owns reading bytes from the guest. Every byte is a claim: nothing is read or allocated past what is there.
import { Buffer, isUtf8 } from 'node:buffer';
import { Malformed } from './mismatch.js';

/** Up to this length, looking at each byte beats a native check. */
const SHORT_LENGTH = 32;

/** `bytes` must be private memory: what the guest can still change is not checked twice. */
export class Reader {
  readonly bytes: Buffer;
  at = 0;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  get view(): DataView {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    return this.#view;
  }

  /** The offset of the next `count` bytes, which are thereby consumed. */
  take(count: number): number {
    const start = this.at;
    if (count > this.bytes.length - start) {
      throw new Malformed(`${count} bytes expected at ${start}, ${this.bytes.length - start} there`);
    }
    this.at = start + count;
    return start;
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** How many elements follow. Each takes `bytesMin` at least, so a claim that cannot be true costs nothing. */
  count(bytesMin: number): number {
    const count = this.u32();
    if (count * bytesMin > this.remaining)
      throw new Malformed(`${count} elements claimed in ${this.remaining} bytes`);
    return count;
  }

  string(): string {
    const length = this.u32();
    const start = this.take(length);
    const end = start + length;
    if (length <= SHORT_LENGTH && this.#isAscii(start, end)) return this.bytes.toString('latin1', start, end);
    if (!isUtf8(this.bytes.subarray(start, end))) throw new Malformed(`a string at ${start} is not UTF-8`);
    return this.bytes.toString('utf8', start, end);
  }

  /** Bytes that are left over are as wrong as bytes that are missing. */
  finish(): void {
    if (this.remaining !== 0) throw new Malformed(`${this.remaining} bytes too many`);
  }

  #isAscii(start: number, end: number): boolean {
    for (let index = start; index < end; index++) if (this.bytes[index]! > 0x7f) return false;
    return true;
  }
}
