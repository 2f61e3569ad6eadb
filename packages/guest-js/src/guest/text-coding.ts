// Owns TextEncoder and TextDecoder for QuickJS, UTF-8 only, by the Encoding Standard.
import { decode, encode } from './utf8.js';

export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(text = ''): Uint8Array<ArrayBuffer> {
    return encode(String(text));
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of String(text)) {
      const bytes = encode(character);
      if (written + bytes.length > into.length) break;
      into.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

const UTF8_LABELS = new Set([
  'utf-8',
  'utf8',
  'unicode-1-1-utf-8',
  'unicode11utf8',
  'unicode20utf8',
  'x-unicode20utf8',
]);

export class TextDecoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #pending = new Uint8Array(0);
  #isStarted = false;

  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (!UTF8_LABELS.has(String(label).trim().toLowerCase())) {
      throw new RangeError(`the encoding ${label} is not there, only utf-8 is`);
    }
    this.fatal = Boolean(fatal);
    this.ignoreBOM = Boolean(ignoreBOM);
  }

  decode(input: ArrayBuffer | ArrayBufferView = new Uint8Array(0), { stream = false } = {}): string {
    const bytes = joined(this.#pending, bytesOf(input));
    const { text, pending, malformed } = decode(bytes);
    const isCut = pending > 0 && !stream;
    this.#pending = stream ? bytes.slice(bytes.length - pending) : new Uint8Array(0);
    if (this.fatal && (malformed || isCut)) {
      this.#isStarted = false;
      throw new TypeError('the bytes are not valid UTF-8');
    }
    return this.#withoutMark(isCut ? `${text}\ufffd` : text, stream);
  }

  /** A byte order mark at the very beginning is no text. */
  #withoutMark(text: string, stream: boolean): string {
    const isFirst = !this.#isStarted && text !== '';
    this.#isStarted = stream && (this.#isStarted || text !== '');
    return isFirst && !this.ignoreBOM && text.startsWith('\ufeff') ? text.slice(1) : text;
  }
}

function bytesOf(input: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw new TypeError('TextDecoder.decode takes an ArrayBuffer or a view of one');
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
