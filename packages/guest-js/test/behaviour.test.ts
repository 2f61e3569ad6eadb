// Shows what the author's code finds in a guest: chance, time, output and errors, the same in both engines.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildGuest, ENGINES } from '@hl/guest-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Instance, type Instantiate, loadComponent } from './support/run.js';
import { scratch } from './support/scratch.js';

const WIT = `package test:behaviour@1.2.3;
interface host {
  variant refusal { busy, other(u32) }
  ask: func(question: string) -> result<u64, refusal>;
}
interface guest {
  use host.{refusal};
  random: func() -> list<f64>;
  early: func() -> f64;
  random-bytes: func() -> list<u8>;
  now: func() -> f64;
  log: func();
  utf8: func(text: string) -> string;
  text: func(how: string) -> result<u32, string>;
  case: func(how: string) -> result<u32, refusal>;
  nothing: func(how: string) -> result;
  plain: func(how: string) -> u8;
  tagged: func() -> result<refusal, string>;
  asked: func(question: string) -> result<string, refusal>;
  later: func(how: string) -> result<u32, string>;
  later-bytes: func() -> list<u8>;
  kind: func(bytes: list<u8>) -> string;
}
world behaviour { import host; import note: func(text: string); export guest; export count: func() -> u32; }`;

/** What is declared as async is refused by QuickJS at the build; what only answers a promise, at the call. */
const LATER = { quickjs: '(how: string) => later(how)', starlingmonkey: 'later' };

const SOURCE = `import { ask } from 'test:behaviour/host';
import note from 'note';
import { WitError } from '@hl/guest-js/guest';

let counter = 0;
const early = Math.random();
export const count = (): number => ++counter;

function fail(how: string): never {
  switch (how) {
    case 'error': throw new Error('just an error', { cause: new Error('its cause') });
    case 'value': throw 'a plain value';
    case 'payload': throw Object.assign(new Error('with payload'), { payload: 'the payload' });
    case 'case': throw { tag: 'other', val: 3000000000 };
    case 'wit': throw new WitError({ tag: 'busy' });
    default: throw new WitError({ tag: how });
  }
}

async function later(how: string) {
  await null;
  if (how === 'wrong') throw 'went wrong later';
  return how.length;
}
export const guest = {
  random: () => new Float64Array([Math.random(), Math.random()]),
  early: () => early,
  randomBytes: () => crypto.getRandomValues(new Uint8Array(16)),
  now: () => Date.now(),
  log() {
    console.log('to stdout:', { a: [1, 2n], b: new Map([['k', 'v']]) }, 'h€llo');
    console.group('%s of %d', 'group', 1);
    console.table([{ a: 1 }]);
    console.groupEnd();
    console.count();
    console.time();
    console.timeEnd();
    console.dir({ dir: true });
    console.assert(true, 'not this');
    console.warn('to stderr');
    console.assert(false, 'to stderr too');
    console.trace('from here');
    note('noted');
  },
  utf8: (text: string) => new TextDecoder().decode(new TextEncoder().encode(text)),
  text: (how: string) => fail(how),
  case: (how: string) => fail(how),
  nothing: (how: string) => fail(how),
  plain(how: string) {
    if (how === 'range') return 300;
    return fail(how);
  },
  tagged: () => ({ tag: 'other', val: 7 }),
  asked: (question: string) => String(ask(question)),
  later: LATER,
  laterBytes: () => Promise.resolve(new Uint8Array([1, 2, 3])),
  kind: (bytes: Uint8Array) => [bytes instanceof Uint8Array, bytes.buffer instanceof ArrayBuffer, ...bytes].join(),
};
`;

/** What a call throws; jco throws the payload of an error case itself. */
function thrownBy(call: () => unknown): unknown {
  try {
    return { returned: call() };
  } catch (error) {
    return error;
  }
}

/** In the environment of the build. */
const PLANTED = 'planted-3f9c2b';

/** StarlingMonkey's tools compile the whole engine for a new world. */
const BUILD_MS = 300_000;

describe.each(ENGINES)('%s', (engine) => {
  let component: Uint8Array;
  let instantiate: Instantiate;
  const notes: string[] = [];
  const imports = {
    'test:behaviour/host': {
      ask(question: string) {
        if (question === 'nothing')
          throw Object.assign(new Error(), { payload: { tag: 'other', val: 4294967295 } });
        return 18446744073709551615n;
      },
    },
    note: { default: (text: string) => notes.push(text) },
  };
  const fresh = (): Promise<Instance> => instantiate(imports);

  beforeAll(async () => {
    const folder = scratch({ 'src/plugin.ts': SOURCE.replace('LATER', LATER[engine]), 'wit/world.wit': WIT });
    const entry = join(folder, 'src/plugin.ts');
    process.env['HL_PLANTED'] = PLANTED;
    ({ component } = await buildGuest({ entry, wit: join(folder, 'wit'), engine }));
    delete process.env['HL_PLANTED'];
    instantiate = await loadComponent(component);
  }, BUILD_MS);

  test('state lives as long as the instance', async () => {
    const { exports } = await fresh();
    expect([exports.count(), exports.count()]).toEqual([1, 2]);
    expect((await fresh()).exports.count()).toBe(1);
  });

  test('two fresh instances draw different numbers', async () => {
    const [one, two] = [(await fresh()).exports.guest, (await fresh()).exports.guest];
    const all = [...one.random(), ...two.random()];
    expect(new Set(all).size).toBe(4);
    for (const each of all) expect(each).toSatisfy((value: number) => value >= 0 && value < 1);
    expect(one.randomBytes()).not.toEqual(two.randomBytes());
  });

  test('numbers drawn at the top level are part of the component', async () => {
    const { guest } = (await fresh()).exports;
    expect(guest.early()).toBe((await fresh()).exports.guest.early());
  });

  test('Date moves', async () => {
    const { guest } = (await fresh()).exports;
    const before = Date.now();
    expect(guest.now()).toBeGreaterThanOrEqual(before - 1);
    expect(guest.now()).toBeLessThanOrEqual(Date.now() + 1);
  });

  test('console writes to stdout and stderr, and a function of the world itself can be imported', async () => {
    const { exports, stdout, stderr } = await fresh();
    exports.guest.log();
    expect(stdout()).toMatch(
      /^to stdout: \{ a: \[ 1, 2n \], b: Map \{ "k" => "v" \} \} h€llo\ngroup of 1\n {2}┌─+┬─+┐\n/,
    );
    expect(stdout()).toMatch(/┘\ndefault: 1\ndefault: \d+\.\d{3}ms\n\{ dir: true \}\n$/);
    expect(stderr()).toMatch(
      /^to stderr\nAssertion failed: to stderr too\nTrace: from here\n {4}at log \(.*src\/plugin\.ts:\d+:\d+\)\n/,
    );
    expect(notes).toContain('noted');
  });

  test.each(['', 'plain', 'h€llo 😀', '\u0000\uffff\u{10ffff}'])(
    'TextEncoder and TextDecoder keep %j',
    async (text) => {
      expect((await fresh()).exports.guest.utf8(text)).toBe(text);
    },
  );

  test.each([
    ['error', 'just an error'],
    ['value', 'a plain value'],
    ['payload', 'the payload'],
  ])('a thrown %s becomes the error case of result<_, string>', async (how, payload) => {
    const { guest } = (await fresh()).exports;
    expect(thrownBy(() => guest.text(how))).toEqual(payload);
  });

  test.each([
    ['case', { tag: 'other', val: 3000000000 }],
    ['wit', { tag: 'busy' }],
  ])('a thrown %s becomes the error case of result<_, variant>', async (how, payload) => {
    const { guest } = (await fresh()).exports;
    expect(thrownBy(() => guest.case(how))).toEqual(payload);
  });

  test('a thrown error becomes the error case of a result without payload, and its text is not lost', async () => {
    const { exports, stderr } = await fresh();
    expect(() => exports.guest.nothing('error')).toThrow();
    expect(stderr()).toMatch(
      /guest\.nothing\(\) threw Error: just an error\n {4}at fail \(.*src\/plugin\.ts:11:\d+\)/,
    );
    expect(exports.count()).toBe(1);
  });

  test.each([
    [
      'an error where the result needs a variant',
      'case',
      'error',
      /error type is not string; throw new WitError\(value\)[^\n]*\nguest\.case\(\) threw Error: just an error/,
    ],
    ['a payload of the wrong case', 'case', 'nowhere', /error: expected one of .*'busy'.*, got "nowhere"/],
    [
      'an error in a function without result',
      'plain',
      'error',
      /plain\(\) threw Error: just an error\n {4}at fail \(.*src\/plugin\.ts:11:\d+\)/,
    ],
    [
      'a number out of range',
      'plain',
      'range',
      /plain\(\) threw TypeError: result: expected u8 \(0 to 255\), got 300/,
    ],
  ])('%s is a trap, with its text on stderr', async (_, name, how, text) => {
    const { exports, stderr } = await fresh();
    expect(() => exports.guest[name](how)).toThrow(/unreachable/);
    expect(stderr()).toMatch(text);
  });

  test('a payload that looks like a result is not taken for one', async () => {
    expect((await fresh()).exports.guest.tagged()).toEqual({ tag: 'other', val: 7 });
  });

  test('a host function answers, and its error case passes through', async () => {
    const { guest } = (await fresh()).exports;
    expect(guest.asked('all')).toBe('18446744073709551615');
    expect(thrownBy(() => guest.asked('nothing'))).toEqual({ tag: 'other', val: 4294967295 });
  });

  test('a list of numbers arrives as a typed array that the guest knows', async () => {
    expect((await fresh()).exports.guest.kind(new Uint8Array([1, 255]))).toBe('true,true,1,255');
  });

  test('a promise is waited for, or refused by name', async () => {
    const { exports, stderr } = await fresh();
    if (engine === 'starlingmonkey') {
      expect(exports.guest.later('right')).toBe(5);
      expect(thrownBy(() => exports.guest.later('wrong'))).toBe('went wrong later');
      expect(exports.guest.laterBytes()).toEqual(new Uint8Array([1, 2, 3]));
    } else {
      expect(() => exports.guest.later('right')).toThrow(/unreachable/);
      expect(stderr()).toContain(
        'later() threw TypeError: returned a promise, which quickjs cannot wait for',
      );
    }
  });

  test('nothing of the machine it was built on is in the component', () => {
    const bytes = Buffer.from(component);
    for (const text of [PLANTED, 'PWD=', 'PATH=', 'HOME=', process.cwd(), `${homedir()}/`]) {
      expect(bytes.includes(text), text).toBe(false);
    }
    // The folder of the build; the author's own has another name.
    expect(bytes.toString('latin1')).not.toMatch(/hl-guest-\w{6}\//);
  });

  test('it is as large as the README says', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    const [, ...sizes] = /^\| component \| (.*) MB \| (.*) MB \|$/m.exec(readme) ?? [];
    // Of a guest that does nothing; this one is a little larger.
    const more = component.length / 1e6 - Number(sizes[ENGINES.indexOf(engine)]);
    expect(Math.abs(more)).toBeLessThan(0.15);
  });

  test('nothing else is exported', async () => {
    const { exports } = await fresh();
    expect(Object.keys(exports).sort()).toEqual(['count', 'guest', 'test:behaviour/guest@1.2.3']);
  });
});
