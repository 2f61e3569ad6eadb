// Lists: nothing in them, much in them, a fixed number in them; and maps.
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

const row = (cells: number[][], tags: (string | undefined)[]) => ({
  name: 'r',
  cells: cells.map((one) => Float64Array.from(one)),
  tags,
});

eachRuntime('lists', ({ sandbox, api }) => {
  const limits = { maxRequestBytes: api.MiB(32), maxReplyBytes: api.MiB(32) };
  const opened = async () => (await sandbox('lists', { limits })).context();

  test('that are empty, and lists of empty ones', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    expect(await echo.bytes([])).toEqual(new Uint8Array());
    expect(await echo.nested([])).toEqual([]);
    const hollow = [[], [new Uint32Array()], [new Uint32Array(), Uint32Array.of(7)]];
    expect(await echo.nested(hollow)).toEqual(hollow);
    const rows = [row([], []), row([[]], [undefined]), row([[1.5], []], ['', undefined])];
    expect(await echo.rows(rows)).toEqual(rows);
  });

  test('ten megabytes of nested lists, there and back', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    const nested = Array.from({ length: 100 }, (_, outer) =>
      Array.from({ length: 26 }, (_, inner) =>
        Uint32Array.from({ length: 1_000 }, (_, cell) => outer ^ (inner * cell)),
      ),
    );
    const back: Uint32Array[][] = await echo.nested(nested);
    expect(back.length).toBe(100);
    const isSame = back.every(
      (outer, i) => outer.length === 26 && outer.every((inner, j) => isDeepStrictEqual(inner, nested[i]![j])),
    );
    expect(isSame).toBe(true);
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      row([[index, 1, 2, 3], [], [4, 5, 6, 7, 8]], [`tag ${index}`.padEnd(400, '.'), undefined]),
    );
    expect(await echo.count(rows)).toBe(20_000);
    expect(isDeepStrictEqual(await echo.rows(rows), rows)).toBe(true);
  });

  test('ten megabytes one way only', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    const made: Uint32Array[] = await echo.make(1_000, 2_600);
    expect(made.length).toBe(1_000);
    expect(
      made.every(
        (one, outer) =>
          one.length === 2_600 && one[0] === outer * 2_600 && one[2_599] === outer * 2_600 + 2_599,
      ),
    ).toBe(true);
    const total = 2_600_000n;
    expect(await echo.sum(made)).toBe((total * (total - 1n)) / 2n);
  });

  test('more than the limits allow is refused, and says which', async () => {
    await using small = await api.Sandbox.create({
      component: (await sandbox('lists', { limits })).component,
      limits: { maxRequestBytes: 10_000, maxReplyBytes: 10_000 },
    });
    const { echo } = small.exports;
    await expect(echo.bytes(new Uint8Array(10_001))).rejects.toMatchObject({
      code: 'ERR_HL_LIMIT',
      limit: 'maxRequestBytes',
    });
    await expect(echo.make(10, 1_000)).rejects.toMatchObject({
      code: 'ERR_HL_LIMIT',
      limit: 'maxReplyBytes',
    });
    expect(await echo.make(1, 2)).toEqual([Uint32Array.of(0, 1)]);
  });
});

eachRuntime('lists of a fixed length', ({ sandbox }) => {
  test('come back as they went', async () => {
    const { fixed } = (await sandbox('lists-fixed')).exports;
    expect(await fixed.numbers([1, 2, 3, 2 ** 32 - 1])).toEqual([1, 2, 3, 2 ** 32 - 1]);
    const square = [
      [1, -2, 3],
      [-32_768, 32_767, 0],
    ];
    expect(await fixed.squares(square)).toEqual(square);
    expect(await fixed.words(['', 'ü'])).toEqual(['', 'ü']);
    expect(await fixed.listed([])).toEqual([]);
    expect(
      await fixed.listed([
        [1, 2],
        [3, 255],
      ]),
    ).toEqual([
      [1, 2],
      [3, 255],
    ]);
  });

  test('of another length are refused', async () => {
    const { fixed } = (await sandbox('lists-fixed')).exports;
    await expect(fixed.numbers([1, 2, 3])).rejects.toThrow('args[0]: expected array of 4, got array of 3');
    await expect(
      fixed.squares([
        [1, 2, 3],
        [1, 2, 3, 4],
      ]),
    ).rejects.toThrow('args[0][1]: expected array of 3, got array of 4');
  });
});

eachRuntime('maps', ({ sandbox }) => {
  test('come back as they went', async () => {
    const { maps } = (await sandbox('lists-maps')).exports;
    for (const value of [
      new Map(),
      new Map([
        ['a', 1],
        ['', 2 ** 32 - 1],
      ]),
    ])
      expect(await maps.words(value)).toEqual(value);
    const numbers = new Map([
      [0, []],
      [255, ['x', '']],
    ]);
    expect(await maps.numbers(numbers)).toEqual(numbers);
    expect(
      await maps.total(
        new Map([
          ['a', 3],
          ['b', 4],
        ]),
      ),
    ).toBe(7);
  });

  test('and what is none is refused', async () => {
    const { maps } = (await sandbox('lists-maps')).exports;
    await expect(maps.words({ a: 1 })).rejects.toThrow('args[0]: expected Map, got object');
    await expect(maps.words(new Map([['a', -1]]))).rejects.toThrow('args[0][0].value: expected u32');
  });

  test('two in one value come back as they went', async () => {
    const { twoMaps } = (await sandbox('lists-two-maps')).exports;
    const value = [new Map([['a', 1]]), new Map([[2, 'b']])];
    expect(await twoMaps.both(value)).toEqual(value);
  });
});
