// Text: every plane of Unicode, lone surrogates, lengths around the codec's own bounds.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

const PLANES = Array.from({ length: 17 }, (_, plane) => plane);
const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff;

/** The ends of each plane and of each length in UTF-8, and some between; NUL and the non-characters, too. */
const POINTS = [
  ...PLANES.flatMap((plane) =>
    [0, 1, 0x7f, 0x80, 0x7ff, 0x800, 0xabcd, 0xfffe, 0xffff].map((low) => plane * 0x1_0000 + low),
  ),
  0xd7ff,
  0xe000,
  0xfeff,
  0xfffd,
].filter((point) => !isSurrogate(point));

const text = String.fromCodePoint(...POINTS);

eachRuntime('text', ({ sandbox }) => {
  const host = { pass: (text: string, one: string) => `${one}${text}` };
  const opened = async () => (await sandbox('text', { imports: { host } })).context();

  test('of every plane comes back as it went, and the guest sees its code points', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    expect(await echo.text(text)).toBe(text);
    expect([...(await echo.codePoints(text))]).toEqual(POINTS);
    expect(await echo.ofCodePoints(POINTS)).toBe(text);
    const each = POINTS.map((point) => String.fromCodePoint(point));
    expect(await echo.texts(each)).toEqual(each);
    expect(await echo.throughHost(text, 'x')).toBe(`x${text}`);
  });

  test('a lone surrogate arrives as U+FFFD, as everywhere in JavaScript where UTF-8 is made', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    for (const lone of ['\ud800', 'a\udfffb', '\udc00\ud800', '😀\ud83d', '\ud800'.repeat(5_000)]) {
      const arrived = Buffer.from(lone, 'utf8').toString('utf8');
      expect(await echo.text(lone)).toBe(arrived);
      expect([...(await echo.codePoints(lone))]).toEqual([...arrived].map((one) => one.codePointAt(0)));
      expect(await echo.throughHost(lone, 'x')).toBe(`x${arrived}`);
    }
  });

  test('of each length around a bound comes back as it went', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    for (const length of [0, 1, 2, 23, 24, 25, 31, 32, 33, 4_095, 4_096, 4_097, 65_535, 65_536, 1_048_577]) {
      for (const unit of ['a', 'é', '€', '😀']) {
        const long = unit.repeat(Math.ceil(length / unit.length));
        expect((await echo.text(long)) === long, `${length} of ${unit}`).toBe(true);
      }
    }
  });

  test('a char of every plane comes back as it went', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    for (const point of POINTS) {
      const one = String.fromCodePoint(point);
      expect(await echo.one(one)).toBe(one);
      expect(await echo.codePoint(one)).toBe(point);
      expect(await echo.ofCodePoint(point)).toBe(one);
      expect(await echo.throughHost('', one)).toBe(one);
    }
    const ones = POINTS.map((point) => String.fromCodePoint(point));
    expect(await echo.ones(ones)).toEqual(ones);
  });

  test('what is not one character is refused', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    for (const wrong of ['', 'ab', '😀😀', '\ud800', 'e\u0301'])
      await expect(echo.one(wrong)).rejects.toThrow(RangeError);
    await expect(echo.one(7)).rejects.toThrow('args[0]: expected string (one character), got number');
    await expect(echo.texts(['a', 7])).rejects.toThrow('args[0][1]: expected string, got number');
  });
});
