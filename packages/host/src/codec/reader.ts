// Owns reading bytes from the guest. Every byte is a claim: nothing is read or allocated past what is there.
import { Buffer, isUtf8 } from 'node:buffer';
import type { Handles } from '../resources/handles.js';
import { Malformed, Oversized } from './mismatch.js';
import { stringWeight } from './weight.js';

/** Up to this length, looking at each byte beats a native check. */
const SHORT_LENGTH = 32;
/** A part that is longer is given away instead of copied: new memory of that length costs more than the copy. */
const COPIED_BYTES_MAX = 64 << 10;

/** `bytes` must be private memory: what the guest can still change is not checked twice. */
export class Reader {
  readonly bytes: Buffer;
  at = 0;
  /** What numbers of handles mean; only where there are resources. */
  handles: Handles | undefined;
  /** What the values may still take in this process, in bytes. */
  room = Number.POSITIVE_INFINITY;
  /** Where the bytes that may be read end. */
  #end: number;
  #view: DataView | undefined;
  /** Nobody else reads or writes these bytes, now or later. */
  readonly #isSole: boolean;
  /** The same memory, of the class whose parts are plain typed arrays. */
  #plain: Uint8Array | undefined;

  constructor(bytes: Uint8Array, isSole = false) {
    this.#isSole = isSole;
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Begins anew, and reads the first `count` of its bytes only. */
  first(count: number): this {
    if (!(count >= 0 && count <= this.bytes.length)) throw new Malformed(`${count} bytes in a buffer`);
    this.at = 0;
    this.handles = undefined;
    this.room = Number.POSITIVE_INFINITY;
    this.#end = count;
    return this;
  }

  get remaining(): number {
    return this.#end - this.at;
  }

  get view(): DataView {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    return this.#view;
  }

  /** The offset of the next `count` bytes, which are thereby consumed. */
  take(count: number): number {
    const start = this.at;
    if (count > this.#end - start) {
      throw new Malformed(`${count} bytes expected at ${start}, ${this.#end - start} there`);
    }
    this.at = start + count;
    return start;
  }

  /** What is about to be made of the bytes takes that much. */
  weigh(weight: number): void {
    this.room -= weight;
    if (this.room < 0) throw new Oversized();
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** How many elements follow. Each takes `bytesMin` at least, so a claim that cannot be true costs nothing. */
  count(bytesMin: number): number {
    const count = this.u32();
    if (count * bytesMin > this.remaining)
      throw new Malformed(`${count} elements claimed in ${this.remaining} bytes`);
    return count;
  }

  /**
   * The next `count` bytes, in memory that no other value has, so that it may be transferred. If they are most of what
   * is read, and begin at a multiple of `alignment`, that is the memory in which they are.
   */
  own(count: number, alignment: number): Uint8Array {
    const start = this.take(count);
    const bytes = this.#plainBytes();
    const isGivenAway =
      this.#isSole &&
      count > COPIED_BYTES_MAX &&
      // Of two such parts in one buffer, none could be transferred.
      count * 2 > bytes.length &&
      (bytes.byteOffset + start) % alignment === 0;
    return isGivenAway ? bytes.subarray(start, start + count) : bytes.slice(start, start + count);
  }

  string(): string {
    const length = this.u32();
    const start = this.take(length);
    this.weigh(stringWeight(length));
    const end = start + length;
    if (length <= SHORT_LENGTH && this.#isAscii(start, end)) return this.bytes.toString('latin1', start, end);
    if (!isUtf8(this.#plainBytes().subarray(start, end)))
      throw new Malformed(`a string at ${start} is not UTF-8`);
    return this.bytes.toString('utf8', start, end);
  }

  /** Bytes that are left over are as wrong as bytes that are missing. */
  finish(): void {
    if (this.remaining !== 0) throw new Malformed(`${this.remaining} bytes too many`);
  }

  #plainBytes(): Uint8Array {
    const { buffer, byteOffset, length } = this.bytes;
    this.#plain ??= new Uint8Array(buffer, byteOffset, length);
    return this.#plain;
  }

  #isAscii(start: number, end: number): boolean {
    const { bytes } = this;
    for (let index = start; index < end; index++) if (bytes[index]! > 0x7f) return false;
    return true;
  }
}
