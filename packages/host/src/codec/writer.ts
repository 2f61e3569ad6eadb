// Owns the growable buffer into which values are encoded, little-endian and without padding.
import { Buffer } from 'node:buffer';
import { LimitError, type LimitName } from '../errors/classes.js';
import type { Transfer } from '../resources/handles.js';

const FIRST_BYTES = 4096;
/** A buffer that has grown further than this is not kept for the next time. */
const KEPT_BYTES_MAX = 4 << 20;
/** Strings up to this length are reserved at their worst case, longer ones are measured first. */
const MEASURED_LENGTH = 4096;
/** Up to this length, writing bytes one by one beats a native call. */
const SHORT_LENGTH = 24;
/** UTF-8 of one UTF-16 code unit takes at most this. */
const UTF8_BYTES_MAX = 3;

export class Writer {
  bytes: Buffer;
  view: DataView;
  at = 0;
  /** What handles among the values are given over with; only where there are resources. */
  transfer: Transfer | undefined;
  readonly #first: Buffer;
  readonly #firstView: DataView;
  /** From when the first was too small. */
  #larger: Buffer | undefined;
  #bytesMax = 0;
  #limit: LimitName = 'maxRequestBytes';

  /** Begins in `first` each time. */
  constructor(first: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)) {
    this.#first = first;
    this.#firstView = viewOf(first);
    this.bytes = first;
    this.view = this.#firstView;
  }

  begin(bytesMax: number, limit: LimitName): void {
    this.at = 0;
    this.transfer = undefined;
    this.#bytesMax = bytesMax;
    this.#limit = limit;
    if (this.bytes === this.#first) return;
    this.bytes = this.#first;
    this.view = this.#firstView;
  }

  /** Throws a LimitError if more was written than may be. */
  check(): void {
    if (this.at > this.#bytesMax) throw this.#tooLarge(this.at);
  }

  /** What was written. It is valid until the writer is used again. */
  finish(): Uint8Array {
    this.check();
    return this.bytes.subarray(0, this.at);
  }

  /** Makes room for `count` bytes at `at`. */
  ensure(count: number): void {
    if (this.at + count > this.bytes.length) this.#grow(count);
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  u16(value: number): void {
    this.ensure(2);
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** Byte length, then UTF-8; a lone surrogate becomes U+FFFD. */
  string(text: string): void {
    const worst = text.length > MEASURED_LENGTH ? Buffer.byteLength(text) : text.length * UTF8_BYTES_MAX;
    this.ensure(4 + worst);
    const start = this.at + 4;
    const length = this.#ascii(text, start) ? text.length : this.bytes.write(text, start, 'utf8');
    this.view.setUint32(this.at, length, true);
    this.at = start + length;
  }

  raw(source: Uint8Array): void {
    this.ensure(source.length);
    this.bytes.set(source, this.at);
    this.at += source.length;
  }

  #ascii(text: string, start: number): boolean {
    if (text.length > SHORT_LENGTH) return false;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      this.bytes[start + index] = unit;
    }
    return true;
  }

  #grow(count: number): void {
    // Only what is sure to be there counts: `count` may be a string's worst case.
    const worstCase = MEASURED_LENGTH * UTF8_BYTES_MAX + 4;
    const sure = this.at + (count > worstCase ? count : 0);
    if (sure > this.#bytesMax) throw this.#tooLarge(sure);
    const grown = this.#roomFor(this.at + count);
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  #roomFor(bytes: number): Buffer {
    if (this.#larger !== undefined && this.#larger !== this.bytes && this.#larger.length >= bytes) {
      return this.#larger;
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, bytes));
    this.#larger = grown.length <= KEPT_BYTES_MAX ? grown : undefined;
    return grown;
  }

  #tooLarge(bytes: number): LimitError {
    return new LimitError(
      this.#limit,
      `the values take at least ${bytes} bytes, more than limits.${this.#limit} (${this.#bytesMax}); raise it, or send less`,
    );
  }
}

const viewOf = (buffer: Buffer): DataView =>
  new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

let spare: Writer | undefined;

/** A writer of one's own until it is given back: encoding may run user code (a getter) that encodes in turn. */
export function takeWriter(bytesMax: number, limit: LimitName): Writer {
  const writer = spare ?? new Writer();
  spare = undefined;
  writer.begin(bytesMax, limit);
  return writer;
}

export function giveBack(writer: Writer): void {
  spare = writer;
}
