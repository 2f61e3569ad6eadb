// Shows that a guest which cannot be right is refused at the build, with the author's lines and the way out.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildGuest, ENGINES, type EngineName, GuestBuildError } from '@hl/guest-js';
import { describe, expect, test } from 'vitest';
import { scratch } from './support/scratch.js';

interface Guest {
  source?: string;
  wit: string;
  engine?: EngineName;
  timeoutMs?: number;
}

/** Processes that this one started and that still run, and what they started. */
function childrenOf(pid: number): string[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = [...listed.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)];
  return all
    .filter(([, , parent, words]) => Number(parent) === pid && !words?.startsWith('ps '))
    .flatMap(([, child, , words]) => [words as string, ...childrenOf(Number(child))])
    .filter((words) => /componentizer|wizer/.test(words));
}

/** The message that the build ends with, the scratch folder taken out of it; nothing if it makes a component. */
async function refusal({ source = '', wit, engine = 'quickjs', ...options }: Guest): Promise<string> {
  const folder = scratch({ 'plugin.ts': source, 'wit/world.wit': `package test:refused;\n${wit}` });
  const build = buildGuest({
    entry: join(folder, 'plugin.ts'),
    wit: join(folder, 'wit'),
    engine,
    ...options,
  });
  const error = await build.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return '';
  expect(error).toBeInstanceOf(GuestBuildError);
  return (error as Error).message.replaceAll(/[^\s(]*hl-guest-test-\w+\//g, '');
}

describe('worlds', () => {
  test.each([
    [
      'a constructor with a result',
      'interface i { resource r { constructor() -> result<r>; } } world w { export i; }',
      /r: constructor\(\).*\n.*use a static function/,
    ],
    [
      'a resource of the world itself',
      'world w { import r: interface {} resource s { get: func(); } export f: func(); }',
      /s\.get: func\(\)\n.*in an interface/,
    ],
    [
      'an async function',
      'world w { export f: async func(); }',
      /export f: async func\(\)\n.*leave async out/,
    ],
    [
      'an async import',
      'interface i { f: async func(); } world w { import i; }',
      /import test:refused\/i: f.*\n.*async/,
    ],
    ['a list of fixed length', 'world w { export f: func() -> list<u8, 4>; }', /use a tuple/],
    ['a stream', 'world w { export f: func() -> stream<u8>; }', /stream<u8>\n.*pass a list/],
  ])('with %s are refused by quickjs, which says what to do instead', async (_, wit, message) => {
    expect(await refusal({ wit })).toMatch(message);
  });

  test.each([
    [
      'a map',
      'world w { export f: func() -> map<string, u8>; }',
      /--engine quickjs, or use list<tuple<key, value>>/,
    ],
    ['a list of fixed length', 'world w { export f: func() -> list<u8, 4>; }', /use a tuple/],
    ['a future', 'world w { export f: func() -> future<u8>; }', /pass a list/],
  ])('with %s are refused by starlingmonkey', async (_, wit, message) => {
    expect(await refusal({ wit, engine: 'starlingmonkey' })).toMatch(message);
  });

  test('that are not WIT name file and line', async () => {
    expect(await refusal({ wit: 'world w { export f: fun(); }' })).toMatch(/wit\/world\.wit:2:\d+: /);
  });
});

describe('sources', () => {
  const wit = `interface stock { count: func() -> u32; } world w { import stock; export run: func(); }`;

  test('with a syntax error name file and line', async () => {
    expect(await refusal({ wit, source: 'const a = 1;\nconst b = ;' })).toMatch(/plugin\.ts:2:10/);
  });

  test('that import what the world does not import are told what it does', async () => {
    const message = await refusal({ wit, source: `import 'test:refused/price';` });
    expect(message).toMatch(/does not import test:refused\/price; it imports test:refused\/stock/);
    expect(message).toMatch(/plugin\.ts:1:7/);
  });

  test('that import a function which the interface lacks name the line', async () => {
    const source = `import { price } from 'test:refused/stock';\nexport const run = () => price();`;
    expect(await refusal({ wit, source })).toMatch(
      /test:refused\/stock has no function price[\s\S]*plugin\.ts:1:9/,
    );
  });

  test('whose top level throws show the author’s lines', async () => {
    const source = `function boom(): never {\n  throw new RangeError('too early');\n}\n\nexport const run = boom;\nboom();\n`;
    const message = await refusal({ wit, source });
    expect(message).toMatch(/too early/);
    expect(message).toMatch(/at boom \(plugin\.ts:2:\d+\)/);
    expect(message).toMatch(/plugin\.ts:6/);
  });

  test.each([
    [
      'an import',
      `import { count } from 'test:refused/stock';\ncount();`,
      /test:refused\/stock\.count\(\) cannot be called at the top/,
    ],
    [
      'secrets',
      `\ncrypto.getRandomValues(new Uint8Array(1));`,
      /getRandomValues cannot be called at the top/,
    ],
  ])('that call for %s at the top level are told why not, and where', async (_, text, message) => {
    const told = await refusal({ wit, source: `${text}\nexport function run() {}` });
    expect(told).toMatch(message);
    expect(told).toMatch(/at .*\(plugin\.ts:2:\d+\)/);
  });

  test.each(ENGINES)(
    'whose top level never ends are given up by %s, and nothing goes on running',
    async (engine) => {
      const source = `export function run() {}\nfor (;;) ;`;
      expect(await refusal({ wit, source, engine, timeoutMs: 4000 })).toMatch(
        /not made within 4 s; .*top level.*--timeout/,
      );
      await expect.poll(() => childrenOf(process.pid)).toEqual([]);
    },
  );

  test.each([
    ['class', 'export const i = {};', /i in .*plugin\.ts has no class R; add: R: class \{ constructor/],
    [
      'method',
      'export const i = { R: class { static make() {} } };',
      /R of i in .*plugin\.ts has no method get \(r\.get: func\(\) -> u8\)/,
    ],
    [
      'static method',
      'export const i = { R: class { get() {} } };',
      /R of i in .*plugin\.ts has no static method make/,
    ],
  ])('that lack a %s of a resource are told which', async (_, text, message) => {
    const resource = 'resource r { constructor(); get: func() -> u8; make: static func() -> r; }';
    const told = await refusal({ wit: `interface i { ${resource} } world w { export i; }`, source: text });
    expect(told).toMatch(message);
  });

  test('that lack an export are told what to write', async () => {
    expect(await refusal({ wit })).toMatch(
      /^the guest does not export what its world asks for:\n {2}plugin\.ts does not export the function run \(run: func\(\)\); add: export function run\(\) \{/,
    );
  });

  test('that lack several are told of all, with signatures and the names of JavaScript', async () => {
    const shop = 'interface shop { dark-green: func(the-name: string) -> u32; nice: func(); }';
    const told = await refusal({
      wit: `${shop} interface other { f: func(); } world w { export shop; export other; export set-up: func(); }`,
      source: 'export const shop = { dark_green() {}, nice() {} };\nexport const setup = 1;',
    });
    expect(told.replace(/ \S*plugin\.ts/g, ' plugin.ts').split('\n')).toEqual([
      'the guest does not export what its world asks for:',
      '  plugin.ts does not export the function setUp (set-up: func()); add: export function setUp() { ... } ' +
        '(it has setup, which is another name)',
      '  shop, exported by plugin.ts, has no function darkGreen (dark-green: func(the-name: string) -> u32); ' +
        'add to it: darkGreen(theName) { ... } (it has dark_green, which is another name)',
      '  plugin.ts does not export the interface test:refused/other; add: export const other = { f() { ... } };',
    ]);
  });
});

describe('async functions', () => {
  const wit = `interface shop { resource r { get: func() -> u8; make: static func() -> r; } nice: func(); }
    world w { export shop; export run: func(); }`;
  const source = `export async function run() {}
class R {
  async get() { return 1; }
  static async make() { return new R(); }
}
export const shop = {
  R,
  nice: async () => {} };`;
  const others = 'class R { get() { return 1; } static make() { return new R(); } }';

  test('are refused by quickjs wherever the world asks for one, with their lines and the way out', async () => {
    const told = await refusal({ wit, source });
    for (const place of ['1:1: run', '3:9: R.get', '4:16: R.make', '8:9: shop.nice']) {
      expect(told).toContain(`  plugin.ts:${place}`);
    }
    const way =
      /is async, so that it returns a promise, .*; make it synchronous, or build with --engine star/g;
    expect(told.match(way)).toHaveLength(4);
  });

  test.each([
    ['that the world does not ask for', `export const idle = async () => {}; export function run() {}`],
    ['that an export only calls', `const idle = async () => {}; export function run() { void idle(); }`],
    ['that are awaited at the top level', `await (async () => {})(); export function run() {}`],
    ['in name alone', `export function run() { return 'async function'; }`],
  ])('%s are no reason to refuse', async (_, text) => {
    const nice = `export const shop = { R, nice() {} };`;
    expect(await refusal({ wit, source: `${others}\n${nice}\n${text}` })).toBe('');
  });
});
