// Shows resources in guests of both engines: the guest's as classes, the host's as objects, who owns what, and misuse.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGuest, ENGINES } from '@hl/guest-js';
import { type Context, Sandbox, WitError } from '@hl/host';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const WIT = `package test:resources;

interface net {
  resource connection {
    constructor(name: string);
    open: static func(name: string) -> result<connection, string>;
    send: func(bytes: u64) -> s64;
    name: func() -> string;
  }
  swallow: func(given: connection) -> string;
  look: func(lent: borrow<connection>) -> string;
  maybe: func(some: bool) -> option<connection>;
}

interface store {
  resource bucket {
    constructor(name: string);
    named: static func(name: string) -> result<bucket, string>;
    merge: static func(one: bucket, other: borrow<bucket>) -> bucket;
    put: func(key: string, value: s64) -> u32;
    get: func(key: string) -> option<s64>;
    fail: func(how: string) -> result<_, string>;
  }
  variant holder { empty, one(bucket), several(list<bucket>) }
  describe: func(lent: borrow<bucket>) -> string;
  describe-all: func(lent: list<borrow<bucket>>) -> list<string>;
  take: func(given: bucket) -> string;
  keep: func(given: bucket);
  give-back: func() -> option<bucket>;
  give-twice: func() -> bucket;
  hold: func(count: u32) -> holder;
  disposed: func() -> list<string>;
}

interface client {
  use net.{connection};
  run: func(how: string) -> string;
  adopt: func(given: connection) -> string;
  use-lent: func(lent: borrow<connection>) -> string;
  use-all: func(lent: list<borrow<connection>>) -> string;
  kept: func() -> string;
}

world resources { import net; export store; export client; }
`;

const SOURCE = `import { Connection, look, maybe, swallow } from 'test:resources/net';

const disposed = [];
class Bucket {
  #entries = new Map();
  constructor(name) {
    if (name === '') throw new RangeError('a bucket without a name');
    this.name = name;
  }
  static named(name) {
    if (name === 'none') throw new Error('no such bucket');
    return new this(name);
  }
  static merge(one, other) {
    const merged = new Bucket(one.name + '+' + other.name);
    for (const [key, value] of [...one.#entries, ...other.#entries]) merged.put(key, value);
    return merged;
  }
  put(key, value) { this.#entries.set(key, value); return this.#entries.size; }
  get(key) { return this.#entries.get(key); }
  fail(how) { throw how === 'trap' ? { payload: 7 } : new Error(this.name + ': ' + how); }
  [Symbol.dispose]() { disposed.push(this.name); if (this.name === 'bad') throw new Error('cannot go'); }
  toString() { return this.name + '(' + [...this.#entries].map(([key, value]) => key + '=' + value) + ')'; }
}

let ours, pet;
export const store = {
  Bucket,
  describe: String,
  describeAll: (all) => all.map(String),
  take: (bucket) => 'took ' + bucket,
  keep: (bucket) => void (ours = bucket),
  giveBack: () => ours,
  giveTwice: () => (ours ??= new Bucket('ours')),
  hold: (count) => {
    const all = Array.from({ length: count }, (_, index) => new Bucket('held ' + index));
    return count < 2 ? (all.length ? { tag: 'one', val: all[0] } : { tag: 'empty' }) : { tag: 'several', val: all };
  },
  disposed: () => disposed,
};

const attempts = {
  new: () => { const made = new Connection('new'); return [made instanceof Connection, made.name(), made.send(2n ** 63n)].join(); },
  open: () => Connection.open('opened').name(),
  refused: () => Connection.open('closed').name(),
  lend: () => { const made = new Connection('lent'); return look(made) + ' ' + look(made); },
  give: () => swallow(new Connection('given')),
  moved: () => { const made = new Connection('gone'); swallow(made); return made.name(); },
  'moved twice': () => { const made = new Connection('gone'); swallow(made); return swallow(made); },
  disposed: () => { const made = new Connection('over'); made[Symbol.dispose](); made[Symbol.dispose](); return made.name(); },
  maybe: () => [maybe(true)?.name(), maybe(false)].join(),
  wrong: () => look({ name: () => 'no' }),
  'wrong self': () => Connection.prototype.name.call({}),
};
export const client = {
  run(how) { try { return attempts[how](); } catch (error) { return error.name + ': ' + (error.payload ?? error.message); } },
  adopt: (connection) => { pet = connection; return 'adopted ' + connection.name(); },
  useLent: (connection) => {
    pet = connection;
    try { swallow(connection); } catch (error) { return connection.name() + '; ' + error.message; }
    return 'it was given away';
  },
  useAll: (all) => all.map((each) => each.name()).join(),
  kept: () => { try { return pet.name(); } catch (error) { return error.message; } },
};
`;

/** StarlingMonkey's tools compile the whole engine for a new world, and so does the host. */
const BUILD_MS = 300_000;

describeWithKvm('resources', () => {
  describe.each(ENGINES)('%s', (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'hl-resources-'));
    let dropped: string[] = [];
    let stderr = '';

    class Connection {
      readonly label: string;
      constructor(label: string) {
        this.label = label;
      }
      static open(label: string): Connection {
        if (label === 'closed') throw new WitError('nobody answers');
        return new Connection(label);
      }
      send(bytes: bigint): bigint {
        return -(bytes / 2n);
      }
      name(): string {
        return this.label;
      }
      [Symbol.dispose](): void {
        dropped.push(this.label);
      }
    }
    const net = {
      Connection,
      swallow: (given: Connection) => `swallowed ${given.label}`,
      look: (lent: Connection) => `saw ${lent.label}`,
      maybe: (some: boolean) => (some ? new Connection('some') : undefined),
    };

    let sandbox: Sandbox;
    let context: Context;

    beforeAll(async () => {
      mkdirSync(join(folder, 'wit'));
      writeFileSync(join(folder, 'wit/world.wit'), WIT);
      writeFileSync(join(folder, 'plugin.js'), SOURCE);
      const { component } = await buildGuest({
        entry: join(folder, 'plugin.js'),
        wit: join(folder, 'wit'),
        engine,
      });
      sandbox = await Sandbox.create({
        component,
        imports: { 'test:resources/net': net },
        stderr: (text) => {
          stderr += text;
        },
      });
    }, BUILD_MS);
    beforeEach(async () => {
      context = await sandbox.context();
    });
    afterEach(async () => {
      await context.finish();
      dropped = [];
      stderr = '';
    });
    afterAll(async () => {
      await sandbox?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('a class of the guest’s is made, called, and disposed of once', async () => {
      const { store } = context.exports;
      const bucket = await store.Bucket.create('a');
      expect(await bucket.put('k', -(2n ** 63n))).toBe(1);
      expect(await bucket.get('k')).toBe(-(2n ** 63n));
      expect(await bucket.get('other')).toBeUndefined();
      expect(await store.disposed()).toEqual([]);
      await bucket[Symbol.asyncDispose]();
      await bucket[Symbol.asyncDispose]();
      expect(await store.disposed()).toEqual(['a']);
    });

    test('statics, results and errors mean what they mean in functions', async () => {
      const { store } = context.exports;
      expect(await store.describe(await store.Bucket.named('b'))).toBe('b()');
      await expect(store.Bucket.named('none')).rejects.toMatchObject({ payload: 'no such bucket' });
      const bucket = await store.Bucket.create('b');
      await expect(bucket.fail('on purpose')).rejects.toMatchObject({ payload: 'b: on purpose' });
    });

    test('an error that fits no result is a trap that says what and where', async () => {
      const { store } = context.exports;
      await expect(store.Bucket.create('')).rejects.toThrow(
        /store\.Bucket\(\) threw RangeError: a bucket without a name\n {4}at .*plugin\.js:7:/,
      );
    });

    test('what is lent stays the host’s, what is given is the guest’s, and can be given back', async () => {
      const { store } = context.exports;
      const [one, other] = [await store.Bucket.create('one'), await store.Bucket.create('other')];
      await one.put('x', 1n);
      await other.put('y', 2n);
      expect(await store.describe(one)).toBe('one(x=1)');
      expect(await store.describeAll([one, other, one])).toEqual(['one(x=1)', 'other(y=2)', 'one(x=1)']);
      const merged = await store.Bucket.merge(one, other);
      expect(await store.describe(merged)).toBe('one+other(x=1,y=2)');
      await expect(store.describe(one)).rejects.toThrow(/moved/);
      await store.keep(merged);
      const back = await store.giveBack();
      expect(await back.put('z', 3n)).toBe(3);
      expect(await store.take(back)).toBe('took one+other(x=1,y=2,z=3)');
      expect(await store.disposed()).toEqual([]);
    });

    test('resources lie in variants and lists', async () => {
      const { store } = context.exports;
      expect(await store.hold(0)).toEqual({ tag: 'empty' });
      expect(await store.describe((await store.hold(1)).val)).toBe('held 0()');
      const { val } = await store.hold(50);
      expect(await store.describeAll(val)).toHaveLength(50);
      for (const each of val) await each[Symbol.asyncDispose]();
      expect(await store.disposed()).toHaveLength(50);
    });

    test('an object that the host has already cannot be given to it again', async () => {
      const { store } = context.exports;
      await store.giveTwice();
      await expect(store.giveTwice()).rejects.toThrow(/bucket, which the host has not got yet/);
    });

    test('an error while disposing is told on stderr, and nothing else happens', async () => {
      const { store } = context.exports;
      const bucket = await store.Bucket.create('bad');
      await bucket[Symbol.asyncDispose]();
      expect(await store.disposed()).toEqual(['bad']);
      expect(stderr).toContain('bucket[Symbol.dispose]() threw Error: cannot go');
    });

    test.each([
      ['new', 'true,new,-4611686018427387904'],
      ['open', 'opened'],
      ['refused', 'WitError: nobody answers'],
      ['lend', 'saw lent saw lent'],
      ['give', 'swallowed given'],
      ['moved', /TypeError: .*connection was given away/],
      ['moved twice', /TypeError: .*connection was given away/],
      ['disposed', /TypeError: .*connection was disposed of/],
      ['maybe', 'some,'],
      ['wrong', /TypeError: .*lent: expected the resource connection, got an object/],
      ['wrong self', /TypeError: .*self: expected the resource connection/],
    ])('the host’s class, %s', async (how, answer) => {
      const told = await context.exports.client.run(how);
      if (answer instanceof RegExp) expect(told).toMatch(answer);
      else expect(told).toBe(answer);
      await context.finish();
      expect(dropped.filter((each) => each === 'given')).toEqual([]);
      expect(dropped.length).toBe(new Set(dropped).size);
    });

    test('what the host gives is kept, what it lends is not', async () => {
      const { client } = context.exports;
      expect(await client.adopt(new Connection('pet'))).toBe('adopted pet');
      expect(await client.kept()).toBe('pet');
      const lent = new Connection('lent');
      expect(await client.useLent(lent)).toMatch(/^lent; .*connection is only lent/);
      expect(await client.kept()).toMatch(/connection was lent for a call that is over/);
      expect(await client.useAll([lent, lent, new Connection('another')])).toBe('lent,lent,another');
      expect(dropped.filter((each) => each === 'lent' || each === 'another')).toEqual([]);
    });

    test('resources of the host’s work in direct calls, on fresh state each time', async () => {
      await context.finish();
      expect(await sandbox.exports.client.adopt(new Connection('one'))).toBe('adopted one');
      expect(await sandbox.exports.client.useLent(new Connection('two'))).toMatch(/^two; /);
      expect(dropped).toEqual(['one']);
    });
  });
});
