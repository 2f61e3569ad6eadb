// Owns UTF-8, which QuickJS keeps to itself.

const REPLACEMENT = 0xfffd;

/** A string as UTF-8; a lone surrogate becomes U+FFFD. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3);
  let end = 0;
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdfff) {
      code = text.codePointAt(index) as number;
      if (code > 0xffff) index++;
      else code = REPLACEMENT;
    }
    end = put(bytes, end, code);
  }
  return bytes.slice(0, end);
}

function put(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at] = code;
    return at + 1;
  }
  let end = at;
  if (code < 0x800) {
    bytes[end++] = 0xc0 | (code >> 6);
  } else {
    if (code < 0x10000) {
      bytes[end++] = 0xe0 | (code >> 12);
    } else {
      bytes[end++] = 0xf0 | (code >> 18);
      bytes[end++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[end++] = 0x80 | (code & 0x3f);
  return end;
}

export interface Decoded {
  text: string;
  /** How many bytes at the end are the beginning of a character whose rest is still to come. */
  pending: number;
  /** Whether some bytes were no UTF-8 and became U+FFFD. */
  malformed: boolean;
}

/** Below the number of arguments at which a call overflows the stack. */
const CHUNK_UNITS = 4096;

/** Decodes as the Encoding Standard says: the longest valid beginning of a character is one U+FFFD. */
export function decode(bytes: Uint8Array): Decoded {
  let text = '';
  let malformed = false;
  let units: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const step = decodeOne(bytes, at);
    if (step.truncated) break;
    malformed ||= step.malformed;
    if (step.code > 0xffff) units.push(0xd7c0 + (step.code >> 10), 0xdc00 | (step.code & 0x3ff));
    else units.push(step.code);
    at += step.length;
    if (units.length >= CHUNK_UNITS) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return { text: text + String.fromCharCode(...units), pending: bytes.length - at, malformed };
}

interface Step {
  code: number;
  length: number;
  malformed: boolean;
  truncated: boolean;
}

function decodeOne(bytes: Uint8Array, at: number): Step {
  const first = bytes[at] as number;
  if (first < 0x80) return { code: first, length: 1, malformed: false, truncated: false };
  const wrong = (length: number): Step => ({ code: REPLACEMENT, length, malformed: true, truncated: false });
  const more =
    first >= 0xc2 && first <= 0xdf
      ? 1
      : first >= 0xe0 && first <= 0xef
        ? 2
        : first >= 0xf0 && first <= 0xf4
          ? 3
          : 0;
  if (more === 0) return wrong(1);
  let code = first & (0x3f >> more);
  for (let step = 1; step <= more; step++) {
    const next = bytes[at + step];
    if (next === undefined) return { code, length: step, malformed: false, truncated: true };
    const [low, high] = step === 1 ? secondByte(first) : [0x80, 0xbf];
    if (next < low || next > high) return wrong(step);
    code = (code << 6) | (next & 0x3f);
  }
  return { code, length: more + 1, malformed: false, truncated: false };
}

/** The bounds that keep out surrogates, overlong forms and what is above U+10FFFF. */
function secondByte(first: number): [low: number, high: number] {
  switch (first) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
