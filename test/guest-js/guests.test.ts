// Shows guests of both engines inside a micro-VM: integers, chance, time, output and errors.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest, ENGINES } from '@hl/guest-js';
import { Sandbox, Snapshot, TrapError, WitError } from '@hl/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

/** What the guest makes by itself, and what has to arrive. */
const MADE: Record<string, readonly (readonly [source: string, value: unknown])[]> = {
  u8: [
    ['255', 255],
    ['510 / 2', 255],
  ],
  s8: [
    ['-128', -128],
    ['-256 / 2', -128],
  ],
  u16: [['65535', 65535]],
  s16: [['-32768', -32768]],
  u32: [
    ['2147483648', 2147483648],
    ['3000000000', 3000000000],
    ['4294967295', 4294967295],
    ['2 ** 31 + 1', 2147483649],
  ],
  s32: [
    ['-2147483648', -2147483648],
    ['-4e9 / 2', -2000000000],
  ],
  u64: [
    ['18446744073709551615n', 18446744073709551615n],
    ['2n ** 53n + 1n', 9007199254740993n],
  ],
  s64: [
    ['-1n', -1n],
    ['-9223372036854775808n', -9223372036854775808n],
  ],
  f32: [
    ['0.5', 0.5],
    ['4294967296', 4294967296],
  ],
  f64: [
    ['0.1', 0.1],
    ['2 ** 53', 9007199254740992],
  ],
  char: [["'😀'", '😀']],
};

const types = Object.keys(MADE);
const values = (type: string) => MADE[type]!.map(([, value]) => value);
const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

const WIT = `package test:engines;
interface host {
${types.map((type) => `  see-${type}: func(flat: ${type}, some: option<${type}>, all: list<${type}>) -> ${type};`).join('\n')}
}
interface guest {
${types.map((type) => `  record box-${type} { value: ${type} }`).join('\n')}
${types.map((type) => `  flat-${type}: func(at: u8) -> ${type};\n  some-${type}: func(at: u8) -> option<${type}>;\n  all-${type}: func() -> list<${type}>;\n  box-of-${type}: func(at: u8) -> list<box-${type}>;\n  pass-${type}: func(at: u8) -> ${type};`).join('\n')}
  random: func() -> f64;
  now: func() -> f64;
  log: func(text: string);
  fail: func(how: string) -> result<u32, string>;
  trap: func();
  count: func() -> u32;
}
world engines { import host; export guest; }
`;

const SOURCE = `import * as host from 'test:engines/host';
let counter = 0;
const made = {
${types.map((type) => `  ${type}: [${MADE[type]!.map(([source]) => `() => ${source}`).join(', ')}],`).join('\n')}
};
export const guest = {
${types
  .map((type) => {
    const name = capital(type);
    return `  flat${name}: (at) => made.${type}[at](),
  some${name}: (at) => made.${type}[at](),
  all${name}: () => made.${type}.map((make) => make()),
  boxOf${name}: (at) => [{ value: made.${type}[at]() }],
  pass${name}: (at) => host.see${name}(made.${type}[at](), made.${type}[at](), made.${type}.map((make) => make())),`;
  })
  .join('\n')}
  random: () => Math.random(),
  now: () => Date.now(),
  log: (text) => console.log(text),
  fail(how) { throw how === 'payload' ? { payload: 'a payload' } : new Error('a message'); },
  trap() { throw new RangeError('nobody expects this'); },
  count: () => ++counter,
};
`;

describeWithKvm('in a micro-VM', () => {
  describe.each(ENGINES)('%s', (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'hl-engines-'));
    const seen: unknown[] = [];
    let stdout = '';
    let stderr = '';
    let imports: Record<string, Record<string, (...seen: never[]) => unknown>>;
    let sandbox: Sandbox;

    /** StarlingMonkey's tools compile the whole engine for a new world, and so does the host. */
    const BUILD_MS = 300_000;

    beforeAll(async () => {
      mkdirSync(join(folder, 'wit'));
      writeFileSync(join(folder, 'wit/world.wit'), WIT);
      writeFileSync(join(folder, 'plugin.js'), SOURCE);
      const { component } = await buildGuest({
        entry: join(folder, 'plugin.js'),
        wit: join(folder, 'wit'),
        engine,
      });
      const see = (flat: unknown, some: unknown, all: Iterable<unknown>) => {
        seen.push([flat, some, [...all]]);
        return flat;
      };
      imports = {
        'test:engines/host': Object.fromEntries(types.map((type) => [`see${capital(type)}`, see])),
      };
      sandbox = await Sandbox.create({
        component,
        imports,
        stdout: (text) => {
          stdout += text;
        },
        stderr: (text) => {
          stderr += text;
        },
      });
    }, BUILD_MS);
    beforeEach(() => {
      seen.length = 0;
      stdout = '';
      stderr = '';
    });
    afterAll(async () => {
      await sandbox?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test.each(types)('%s made by the guest arrives as it is', async (type) => {
      const { guest } = sandbox.exports;
      const name = capital(type);
      expect([...(await guest[`all${name}`]())]).toEqual(values(type));
      for (const [at, value] of values(type).entries()) {
        expect(await guest[`flat${name}`](at)).toBe(value);
        expect(await guest[`some${name}`](at)).toBe(value);
        expect(await guest[`boxOf${name}`](at)).toEqual([{ value }]);
        expect(await guest[`pass${name}`](at)).toBe(value);
        expect(seen.pop()).toEqual([value, value, values(type)]);
      }
    });

    test('fresh calls draw different numbers, and a context goes on drawing', async () => {
      const { guest } = sandbox.exports;
      const drawn = [await guest.random(), await guest.random(), await guest.random()];
      await using context = await sandbox.context();
      drawn.push(await context.exports.guest.random(), await context.exports.guest.random());
      expect(new Set(drawn).size).toBe(drawn.length);
    });

    test('clones draw different numbers, also where numbers were drawn before the snapshot', async () => {
      await using context = await sandbox.context();
      const drawn = [await context.exports.guest.random()];
      const snapshot = await context.snapshot();
      const path = join(folder, 'drawn.hlsnap');
      await snapshot.save(path);
      for (const from of [snapshot, snapshot, await Snapshot.load(path)]) {
        await using clone = await Sandbox.create({ snapshot: from, imports });
        drawn.push(await clone.exports.guest.random());
      }
      drawn.push(await context.exports.guest.random());
      expect(new Set(drawn).size).toBe(drawn.length);
    });

    test('Date moves from call to call', async () => {
      const before = Date.now();
      const first: number = await sandbox.exports.guest.now();
      while (Date.now() <= first) await new Promise((resolve) => setImmediate(resolve));
      const second: number = await sandbox.exports.guest.now();
      // The guest counts cycles from the request on; a millisecond is what rounding may take.
      expect(first).toBeGreaterThanOrEqual(before - 1);
      expect(second).toBeGreaterThan(first - 1);
      expect(second).toBeLessThanOrEqual(Date.now() + 1);
    });

    test('console.log reaches stdout', async () => {
      await sandbox.exports.guest.log('h€llo from the guest');
      expect(stdout).toBe('h€llo from the guest\n');
    });

    test('thrown errors become the error case', async () => {
      const { guest } = sandbox.exports;
      await expect(guest.fail('payload')).rejects.toSatisfy(
        (error) => error instanceof WitError && error.payload === 'a payload',
      );
      await expect(guest.fail('error')).rejects.toSatisfy(
        (error) => error instanceof WitError && error.payload === 'a message',
      );
    });

    test('any other error is a trap that tells its text and place, as stderr does, and the next call works', async () => {
      const error = (await sandbox.exports.guest.trap().catch((reason: unknown) => reason)) as TrapError;
      expect(error).toBeInstanceOf(TrapError);
      const told =
        /guest\.trap\(\) threw RangeError: nobody expects this\n {4}at trap \(.*plugin\.js:\d+:\d+\)/;
      for (const text of [stderr, error.stderr, error.message]) expect(text).toMatch(told);
      expect(await sandbox.exports.guest.count()).toBe(1);
      expect(await sandbox.exports.guest.count()).toBe(1);
    });
  });
});
