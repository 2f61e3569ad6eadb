// Shows that the guest's UTF-8 agrees with Node's, also on bytes that are none.
import { expect, test } from 'vitest';
import { TextDecoder as GuestDecoder, TextEncoder as GuestEncoder } from '../../src/guest/text-coding.js';

const TEXTS = [
  '',
  'plain',
  'h€llo',
  '😀',
  '\u{10ffff}\u0000\uffff',
  '\ud800',
  'a\udc00b',
  '\ud83d\ud83d\ude00',
  'é'.repeat(10_000),
];

test.each(TEXTS)('%j is encoded as Node does', (text) => {
  expect(new GuestEncoder().encode(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
});

test.each(TEXTS)('encodeInto fills what fits of %j', (text) => {
  const [ours, theirs] = [new Uint8Array(7), new Uint8Array(7)];
  expect(new GuestEncoder().encodeInto(text, ours)).toEqual(new TextEncoder().encodeInto(text, theirs));
  expect(ours).toEqual(theirs);
});

/** A small generator with a seed, so that a failure comes again. */
function* bytes(): Generator<number> {
  let state = 12345;
  for (;;) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    yield state >>> 24;
  }
}

/** Bytes that begin characters are rare among all; these come often. */
const LIKELY = [
  0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xff, 0xef, 0xbb, 0xc0,
];

test('any bytes are decoded as Node does, whole and in pieces', () => {
  const random = bytes();
  const next = () => random.next().value as number;
  for (let round = 0; round < 3000; round++) {
    const input = Uint8Array.from({ length: next() % 12 }, () => LIKELY[next() % LIKELY.length] as number);
    expect(new GuestDecoder().decode(input), String(input)).toBe(new TextDecoder().decode(input));
    const cut = next() % (input.length + 1);
    const [ours, theirs] = [new GuestDecoder(), new TextDecoder()];
    const pieces = (decoder: { decode(input: Uint8Array, options?: { stream: boolean }): string }) =>
      decoder.decode(input.subarray(0, cut), { stream: true }) + decoder.decode(input.subarray(cut));
    expect(pieces(ours), `${input} cut at ${cut}`).toBe(pieces(theirs));
  }
});

test('a fatal decoder throws on what is no UTF-8', () => {
  const decoder = new GuestDecoder('utf-8', { fatal: true });
  expect(() => decoder.decode(Uint8Array.of(0xff))).toThrow(TypeError);
  expect(() => decoder.decode(Uint8Array.of(0xe2, 0x82))).toThrow(TypeError);
  expect(decoder.decode(Uint8Array.of(0x41))).toBe('A');
});

test('other encodings are refused by name', () => {
  expect(() => new GuestDecoder('latin1')).toThrow(/latin1/);
});
