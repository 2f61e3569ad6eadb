// Resources of the guest and of the host: made, used, lent, moved, dropped, in values, on both sides, between contexts.
import { expect, onTestFinished, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

class Connection {
  static readonly ended: string[] = [];
  readonly #to: string;
  sent = 0;

  constructor(to: string) {
    this.#to = to;
  }
  send(data: Uint8Array): number | Promise<number> {
    this.sent += data.length;
    return this.sent;
  }
  async to(): Promise<string> {
    return this.#to;
  }
  same(other: unknown): boolean {
    return other === this;
  }
  static open(to: string): Connection {
    return new Connection(to);
  }
  [Symbol.dispose](): void {
    Connection.ended.push(this.#to);
  }
}

/** What the guest gave back. */
const taken: Connection[] = [];

const connections = {
  Connection,
  take(it: Connection) {
    taken.push(it);
    return 'taken';
  },
  lend: async (it: Connection) => `lent ${await it.to()}`,
  make: (to: string) => new Connection(to),
  maybe: (to: string) => (to === '' ? undefined : new Connection(to)),
  lendAll: (them: Connection[]) => Promise.all(them.map((one) => one.to())),
  swap: (it: Connection) => it,
  calls: (all: { by: Connection; text: string }[]) => all.toReversed(),
};

eachRuntime('resources', ({ sandbox, api }) => {
  const made = (own: object = {}, options: object = {}) => {
    Connection.ended.length = 0;
    taken.length = 0;
    return sandbox('resources', {
      imports: { 'test:resources/connections': { ...connections, ...own } },
      ...options,
    });
  };
  const opened = async (...given: Parameters<typeof made>) => {
    const context = await (await made(...given)).context();
    onTestFinished(async () => void (await context.finish()));
    return context;
  };

  test("the guest's have a constructor, methods, static functions and an end", async () => {
    const { buckets } = (await opened()).exports;
    const bucket = await buckets.Bucket.create('n');
    expect(bucket).toBeInstanceOf(buckets.Bucket);
    expect(await bucket.name()).toBe('n');
    await bucket.put('a', 1);
    expect([await bucket.get('a'), await bucket.get('b')]).toEqual([1, undefined]);
    const open = await buckets.Bucket.open('o');
    expect(await open.name()).toBe('o');
    await expect(buckets.Bucket.open('')).rejects.toMatchObject({ code: 'ERR_HL_WIT', payload: 'no name' });
    expect(await buckets.alive()).toBe(2);
    await bucket[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    expect(await buckets.alive()).toBe(1);
    await expect(bucket.name()).rejects.toThrow('disposed of');
    expect(() => new buckets.Bucket('x')).toThrow('create');
  });

  test("the guest's are lent and stay, or are moved and are gone", async () => {
    const { buckets } = (await opened()).exports;
    const [a, b] = [await buckets.Bucket.create('a'), await buckets.Bucket.create('b')];
    await a.put('x', 1);
    await b.put('y', 2);
    expect(await buckets.size(a)).toBe(1);
    expect(await a.pour(b)).toBe(1);
    expect([await buckets.size(a), await buckets.size(b)]).toEqual([0, 2]);
    const merged = await buckets.Bucket.merge(a, b);
    expect(await merged.name()).toBe('a+b');
    for (const moved of [a, b]) await expect(moved.name()).rejects.toThrow('was moved');
    await expect(buckets.size(a)).rejects.toThrow(TypeError);
    expect(await buckets.alive()).toBe(1);
    expect(await buckets.close(merged)).toBe('a+b');
    expect(await buckets.alive()).toBe(0);
  });

  test("the guest's travel in tuples, options, lists, records and err cases", async () => {
    const { buckets } = (await opened()).exports;
    const [first, second] = await buckets.pair();
    expect([await first.name(), await second.name()]).toEqual(['first', 'second']);
    expect(await buckets.maybe(false)).toBeUndefined();
    expect(await (await buckets.maybe(true)).name()).toBe('some');
    const many = await buckets.many(50);
    expect(await many[49].name()).toBe('49');
    const labelled = await buckets.label(first);
    expect(labelled.label).toBe('first');
    const back = await buckets.unlabel(labelled);
    expect(await back.name()).toBe('first');
    const failed = await buckets.failWith(back).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(api.WitError);
    expect(await (failed as { payload: { name(): Promise<string> } }).payload.name()).toBe('first');
    expect(await buckets.alive()).toBe(53);
  });

  test("the guest's are lent several at once, and moved within lists", async () => {
    const { buckets } = (await opened()).exports;
    const [a, b] = await buckets.pair();
    await a.put('x', 3);
    await b.put('y', 4);
    expect([...(await buckets.sizes([a, b, a]))]).toEqual([1, 1, 1]);
    await expect(buckets.sizes([a, undefined])).rejects.toThrow('args[0][1]: expected Bucket, got undefined');
    await expect(
      buckets.sum([
        ['x', a],
        ['x', a],
      ]),
    ).rejects.toThrow('args[0][1][1]: the Bucket was moved');
    // It was never sent, so it is where it was.
    expect(await a.name()).toBe('first');
    expect(
      await buckets.sum([
        ['x', a],
        ['none', undefined],
        ['y', b],
      ]),
    ).toBe(7);
    await expect(a.name()).rejects.toThrow('was moved');
    expect(await buckets.alive()).toBe(0);
  });

  test("the guest's may be kept by it, and given back", async () => {
    const { buckets } = (await opened()).exports;
    await buckets.keep(await buckets.Bucket.create('kept'));
    expect(await buckets.kept()).toEqual(['kept']);
    expect(await (await buckets.giveBack()).name()).toBe('kept');
    expect(await buckets.giveBack()).toBeUndefined();
  });

  test("the guest's live in their context, and in no other", async () => {
    const own = await made();
    await expect(own.exports.buckets.Bucket.create('x')).rejects.toBeInstanceOf(api.ContextRequiredError);
    await expect(own.exports.buckets.pair()).rejects.toMatchObject({ code: 'ERR_HL_CONTEXT_REQUIRED' });
    expect(await own.exports.buckets.plain(7)).toBe(7);
    const one = await own.context();
    const bucket = await one.exports.buckets.Bucket.create('x');
    const other = await opened();
    await expect(other.exports.buckets.size(bucket)).rejects.toThrow(
      'args[0]: expected a Bucket of this context',
    );
    await expect(other.exports.buckets.size({ name: () => 'forged' })).rejects.toThrow(
      'args[0]: expected Bucket',
    );
    await one.finish();
    await expect(bucket.name()).rejects.toBeInstanceOf(api.ClosedError);
    const again = await opened();
    expect(await again.exports.buckets.alive()).toBe(0);
  });

  test("the host's are made, used and dropped by the guest, each disposed of once", async () => {
    const { users } = (await made()).exports;
    expect(await users.talk('a')).toBe(5);
    expect(Connection.ended).toEqual(['a']);
    expect(await users.openOr('b')).toBe('b');
    expect(Connection.ended).toEqual(['a', 'b']);
    const refusing = await made({
      Connection: class extends Connection {
        static override open(): never {
          throw new api.WitError('not there');
        }
      },
    });
    expect(await refusing.exports.users.openOr('c')).toBe('not there');
  });

  test("the host's are given and lent to direct calls, too", async () => {
    const { users } = (await made()).exports;
    const [given, lent] = [new Connection('given'), new Connection('lent')];
    expect(await users.receive(given)).toBe('given');
    expect(Connection.ended).toEqual(['given']);
    expect(await users.look(lent)).toBe('lent 2');
    expect(await users.look(lent)).toBe('lent 4');
    expect(await users.lendOn(lent)).toBe('lent lent');
    expect(Connection.ended).toEqual(['given']);
    await expect(users.look({})).rejects.toThrow('args[0]: expected a Connection, got an object without');
  });

  test("the host's are the very objects that were given, wherever they come back", async () => {
    const { users } = (await made()).exports;
    const one = new Connection('one');
    expect(await users.passOn(one)).toBe('taken');
    expect(taken[0]).toBe(one);
    expect(await users.returnIt(one)).toBe(one);
    expect(await users.fetch('made')).toBeInstanceOf(Connection);
    expect(await users.same(one, one)).toBe(true);
    expect(await users.same(one, new Connection('two'))).toBe(false);
    // Given back, they are the host's again.
    expect(Connection.ended).toEqual([]);
    expect(await users.all([one, new Connection('two')])).toEqual(['one', 'two']);
    expect([...Connection.ended].sort()).toEqual(['one', 'two']);
  });

  test("the host's travel in lists, records, options and err cases", async () => {
    const [one, two] = [new Connection('one'), new Connection('two')];
    const { users } = (await made()).exports;
    expect(await users.lendAll(one, two)).toEqual(['one', 'two', 'one']);
    expect(await users.swap(one)).toBe(one);
    expect(await users.find('x')).toBe('x');
    expect(await users.find('')).toBe('none');
    expect(Connection.ended).toEqual(['x']);
    expect(await users.calls(['a', 'b'])).toEqual(['b b', 'a a']);
    expect([...Connection.ended].sort()).toEqual(['a', 'b', 'x']);
    const swap = (it: Connection) => {
      throw new api.WitError(['refused', it]);
    };
    const refusing = await made({ swap });
    await expect(refusing.exports.users.swap(two)).rejects.toMatchObject({ payload: ['refused', two] });
    expect(Connection.ended).toEqual([]);
  });

  test("the host's may come and go without an end", async () => {
    const { users } = (await made({}, { limits: { maxResources: 20, maxHostCalls: 10_000 } })).exports;
    expect(await users.churn(500)).toBe(500);
    expect(Connection.ended.length).toBe(500);
  });

  test("the host's may answer and end asynchronously, and their failures are the call's", async () => {
    const ended: string[] = [];
    const Slow = class extends Connection {
      override async send(): Promise<never> {
        await new Promise((resolve) => setTimeout(resolve, 2));
        throw new RangeError('line is cut');
      }
      override [Symbol.dispose] = undefined as never;
      async [Symbol.asyncDispose](): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 2));
        ended.push(await this.to());
      }
    };
    const own = await made({ Connection: Slow, make: (to: string) => new Slow(to) });
    expect(await own.exports.users.openOr('x')).toBe('x');
    const failed = {
      code: 'ERR_HL_HOST_FUNCTION',
      import: 'test:resources/connections#[method]connection.send',
    };
    await expect(own.exports.users.talk('y')).rejects.toMatchObject(failed);
    await own.close();
    await expect.poll(() => ended).toContain('y');
  });

  test("the host's are disposed of when the state that holds them ends", async () => {
    const own = await made();
    await own.exports.users.hold('direct');
    expect(await own.exports.users.held()).toEqual([]);
    expect(Connection.ended).toEqual(['direct']);
    const context = await own.context();
    await context.exports.users.hold('a');
    await context.exports.users.store(new Connection('b'));
    expect(await context.exports.users.held()).toEqual(['a', 'b']);
    expect(Connection.ended).toEqual(['direct']);
    await context.finish();
    expect([...Connection.ended].sort()).toEqual(['a', 'b', 'direct']);
    const failing = await own.context();
    await expect(failing.exports.users.holdAndTrap('c')).rejects.toMatchObject({ code: 'ERR_HL_TRAP' });
    await failing.finish();
    expect(Connection.ended).toContain('c');
    const dropping = await own.context();
    await dropping.exports.users.hold('d');
    expect(await dropping.exports.users.dropAll()).toBe(1);
    await dropping.finish();
    expect(Connection.ended.filter((name) => name === 'd')).toEqual(['d']);
  });

  test('of either side are bounded', async () => {
    const context = await opened({}, { limits: { maxResources: 10 } });
    const over = { code: 'ERR_HL_LIMIT', limit: 'maxResources' };
    await expect(context.exports.buckets.many(11)).rejects.toMatchObject(over);
    const own = await made({}, { limits: { maxResources: 3 } });
    const context2 = await own.context();
    for (const name of ['1', '2', '3']) await context2.exports.users.hold(name);
    await expect(context2.exports.users.hold('4')).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_HL_(LIMIT|HOST_FUNCTION)/),
    });
    await context2.finish();
  });

  test('a snapshot of a state that holds some of the host is refused by their name', async () => {
    const context = await opened();
    await context.exports.users.hold('a');
    await expect(context.snapshot()).rejects.toMatchObject({
      code: 'ERR_HL_SNAPSHOT',
      message: expect.stringContaining('Connection'),
    });
  });

  test('a missing class is told with all that it has to have', async () => {
    const missing = sandbox('resources', {
      imports: { 'test:resources/connections': { ...connections, Connection: undefined } },
    });
    await expect(missing).rejects.toMatchObject({
      code: 'ERR_HL_LINK',
      message: expect.stringContaining('Connection'),
    });
  });
});

eachRuntime('an interface with a resource on both sides', ({ sandbox }) => {
  class Thing {
    static ended = 0;
    readonly #label: string;
    constructor(label: string) {
      this.#label = label;
    }
    label(): string {
      return this.#label;
    }
    [Symbol.dispose](): void {
      Thing.ended++;
    }
  }
  const host = { Thing, relabel: (it: Thing) => new Thing(`${it.label()} anew`) };

  test('has two of that name: within the host, without the guest', async () => {
    await using context = await (
      await sandbox('resources-both', { imports: { 'test:resources/both': host } })
    ).context();
    const { both } = context.exports;
    Thing.ended = 0;
    const thing = await both.Thing.create('x');
    expect(await thing.label()).toBe('guest host x');
    const anew = await both.relabel(thing);
    expect(await anew.label()).toBe('guest host x anew');
    await expect(thing.label()).rejects.toThrow('was moved');
    await anew[Symbol.asyncDispose]();
    // The first was given back, so it is the host's again.
    expect(Thing.ended).toBe(1);
  });

  test("crosses from one context to another: one guest's are the other's host's", async () => {
    await using inner = await (
      await sandbox('resources-both', { imports: { 'test:resources/both': host } })
    ).context();
    const wired = { 'test:resources/both': inner.exports['test:resources/both'] };
    await using outer = await (await sandbox('resources-both', { imports: wired })).context();
    const thing = await outer.exports.both.Thing.create('x');
    expect(await thing.label()).toBe('guest guest host host x');
    const anew = await outer.exports.both.relabel(thing);
    expect(await anew.label()).toBe('guest guest host host x anew');
    Thing.ended = 0;
    await anew[Symbol.asyncDispose]();
    expect(Thing.ended).toBe(1);
  });
});
