// Records, tuples, variants, enums, flags, options and results: there and back, and as the guest saw them.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

const point = { x: -(2 ** 31), y: -0.5 };
const ada = { fullName: 'Ada', age: 36, home: point, tags: ['a', '', 'ü'] };
const nobody = { fullName: '', age: undefined, home: undefined, tags: [] };
const tree = { root: ada, left: [nobody, ada], colors: ['blue', 'red', 'dark-green'] };

const none = { tag: 'none' };
const some = (val: unknown) => ({ tag: 'some', val });
const ok = (val?: unknown) => ({ tag: 'ok', val });
const err = (val?: unknown) => ({ tag: 'err', val });

/** For each function `echo...`, values that have to come back as they went. */
const VALUES: Record<string, unknown[]> = {
  echoColor: ['red', 'dark-green', 'blue'],
  echoMany: ['c0', 'c255', 'c256', 'c299'],
  echoPoint: [point, { x: 2 ** 31 - 1, y: Number.MAX_VALUE }],
  echoPerson: [ada, nobody],
  echoTree: [tree, { root: nobody, left: [], colors: [] }],
  echoOnly: [{ flag: true }, { flag: false }],
  echoShape: [
    { tag: 'nothing' },
    { tag: 'circle', val: 1.5 },
    { tag: 'line', val: [point, { x: 0, y: 0 }] },
    { tag: 'named', val: ada },
    { tag: 'wide', val: 2n ** 64n - 1n },
    { tag: 'listed', val: ['x', ''] },
    { tag: 'listed', val: [] },
  ],
  echoShapes: [[], [{ tag: 'nothing' }, { tag: 'wide', val: 0n }, { tag: 'circle', val: -0 }]],
  echoMaybe: [undefined, '', 'x'],
  echoDeep: [undefined, none, some(undefined), some(0), some(2 ** 32 - 1)],
  echoDeepList: [[], [undefined, none, some(undefined), some(7)]],
  echoNested: [
    [
      [255, [true, 'c']],
      [
        ['a', 1],
        ['', 65_535],
      ],
    ],
    [[0, [false, '€']], []],
  ],
  echoOutcomeHeld: [
    [ok(7), ok(undefined)],
    [err(ok('x')), err(err('dark-green'))],
  ],
  echoBools: [[], [true, false, true]],
  echoColors: [[], ['blue', 'blue', 'red']],
  echoOptions: [[], [undefined, true, undefined, false]],
};

const flagsOf = (count: number, isOn: (index: number) => boolean) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, isOn(index)]));

eachRuntime('types', ({ sandbox, api }) => {
  const opened = async () => (await sandbox('types')).context();

  test.each(Object.entries(VALUES))('%s: what comes back equals what went', async (name, values) => {
    await using context = await opened();
    for (const value of values) expect(await context.exports.echo[name](value)).toEqual(value);
  });

  test('a result without payload has none on either side', async () => {
    await using context = await opened();
    const { echo } = context.exports;
    expect(await echo.echoMaybeOutcome(undefined)).toBeUndefined();
    expect(await echo.echoMaybeOutcome({ tag: 'ok' })).toEqual({ tag: 'ok' });
    expect(await echo.echoMaybeOutcome({ tag: 'err' })).toEqual({ tag: 'err' });
    const bare = [{ tag: 'err' }, ok(3), err(4)];
    expect(await echo.echoBare(bare)).toEqual(bare);
  });

  test.each([1, 8, 9, 16, 17, 32])('a set of %i flags: none, all, each alone', async (count) => {
    await using context = await opened();
    const echo = context.exports.echo[`echoFlags${count}`];
    expect(await echo({})).toEqual(flagsOf(count, () => false));
    expect(await echo(flagsOf(count, () => true))).toEqual(flagsOf(count, () => true));
    for (let one = 0; one < count; one++) {
      expect(await echo({ [`f${one}`]: true })).toEqual(flagsOf(count, (index) => index === one));
    }
    await expect(echo({ f99: true })).rejects.toThrow(TypeError);
  });

  test("a function's own result is its value, or a WitError with the err case", async () => {
    await using context = await opened();
    const { echo } = context.exports;
    expect(await echo.outcomeOf(ok(undefined))).toBeUndefined();
    expect(await echo.outcomeOf(ok(7))).toBe(7);
    for (const payload of [ok('x'), err('red')]) {
      await expect(echo.outcomeOf(err(payload))).rejects.toEqual(new api.WitError(payload));
      await expect(echo.outcomeOf(err(payload))).rejects.toMatchObject({ payload });
    }
    expect(await echo.bareOf(ok())).toBeUndefined();
    await expect(echo.bareOf(err())).rejects.toMatchObject({ code: 'ERR_HL_WIT', payload: undefined });
    expect(await echo.okOf(ok('x'))).toBe('x');
    await expect(echo.okOf(err())).rejects.toMatchObject({ code: 'ERR_HL_WIT', payload: undefined });
    expect(await echo.errOf(ok())).toBeUndefined();
    await expect(echo.errOf(err([1, 2]))).rejects.toMatchObject({ payload: Uint8Array.of(1, 2) });
  });

  test('the guest sees what was meant', async () => {
    await using context = await opened();
    const seen = await context.exports.echo.describe(tree, { tag: 'named', val: nobody }, none, {
      f0: true,
      f16: true,
    });
    expect(seen).toBe(
      'Tree { root: Person { full-name: "Ada", age: Some(36), home: Some(Point { x: -2147483648, y: -0.5 }), tags: ["a", "", "ü"] }, left: [Person { full-name: "", age: None, home: None, tags: [] }, Person { full-name: "Ada", age: Some(36), home: Some(Point { x: -2147483648, y: -0.5 }), tags: ["a", "", "ü"] }], colors: [Color::Blue, Color::Red, Color::DarkGreen] } Shape::Named(Person { full-name: "", age: None, home: None, tags: [] }) Some(None) 0x10001',
    );
  });

  test('thirteen parameters arrive in order', async () => {
    await using context = await opened();
    const seen = await context.exports.echo.manyParameters(
      255,
      'b',
      2n ** 64n - 1n,
      0.25,
      undefined,
      -1,
      { x: 1, y: 2 },
      { tag: 'circle', val: 3 },
      Uint8Array.of(4, 5),
      true,
      'dark-green',
      { f0: true, f8: true },
      ['m', 65_535],
    );
    expect(seen).toEqual([
      '255',
      'b',
      '18446744073709551615',
      '0.25',
      'None',
      '-1',
      'Point { x: 1, y: 2.0 }',
      'Shape::Circle(3.0)',
      '[4, 5]',
      'true',
      'Color::DarkGreen',
      '0x101',
      "('m', 65535)",
    ]);
    expect(await context.exports.echo.nothing()).toBeUndefined();
  });

  test('null is none, and a missing field of an option, too', async () => {
    await using context = await opened();
    expect(await context.exports.echo.echoMaybe(null)).toBeUndefined();
    expect(await context.exports.echo.echoPerson({ fullName: 'x', tags: [] })).toEqual({
      ...nobody,
      fullName: 'x',
    });
  });

  test.each([
    ['echoPerson', { ...ada, tags: ['a', 3] }, 'args[0].tags[1]: expected string, got number'],
    ['echoPerson', { ...ada, home: { x: 0.5, y: 0 } }, 'args[0].home.x: expected s32'],
    ['echoPerson', 'ada', 'args[0]: expected object, got string'],
    ['echoTree', { ...tree, left: [ada, { ...ada, age: 256 }] }, 'args[0].left[1].age: expected u8'],
    ['echoColor', 'green', "args[0]: expected one of 'red', 'dark-green', 'blue', got 'green'"],
    ['echoShape', { tag: 'square' }, 'args[0].tag: expected one of '],
    ['echoShape', { tag: 'line', val: [point] }, 'args[0].val: expected array of 2, got array of 1'],
    ['echoShape', { tag: 'wide', val: 3 }, 'args[0].val: expected bigint'],
    ['echoDeep', 7, 'args[0]: expected object with a tag, got number'],
    ['echoFlags8', { f1: 1 }, 'args[0].f1: expected boolean, got number'],
    ['echoBools', [true, 'x'], 'args[0][1]: expected boolean, got string'],
  ])('%s refuses %j and says where', async (name, value, message) => {
    await using context = await opened();
    await expect(context.exports.echo[name](value)).rejects.toThrow(message);
  });
});

eachRuntime('variants on the stack', ({ sandbox }) => {
  const seen: unknown[] = [];
  const imports = { 'test:types/host': { take: (value: unknown) => void seen.push(value) } };

  test.each<[tag: string, val: unknown, word: bigint]>([
    ['long', -5n, 0xffff_ffff_ffff_fffbn],
    ['int', -5, 0xffff_fffbn],
    ['int', 5, 5n],
    ['float', -0.5, 0xbf00_0000n],
    ['byte', -1, 0xffff_ffffn],
    ['short', -2, 0xffff_fffen],
    ['letter', '😀', 0x1_f600n],
    ['natural', 2 ** 32 - 1, 0xffff_ffffn],
    ['double', -0.5, 0xbfe0_0000_0000_0000n],
  ])('%s of %s', async (tag, val, word) => {
    expect(await (await sandbox('types-flat')).exports.flat.raw({ tag, val })).toBe(word);
    const at = ['long', 'int', 'float', 'byte', 'short', 'letter', 'natural', 'double'].indexOf(tag);
    await (await sandbox('types-given', { imports })).exports.given.give(at, word);
    expect(seen.pop()).toEqual({ tag, val });
  });
});
