// Resources in real VMs: the component's as classes of a context, the host's as plain classes, and what neither may do.
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import type { Context, Sandbox } from '../../src/index.ts';
import { sandboxOf } from './components.ts';

const log: string[] = [];

class Connection {
  readonly to: string;
  constructor(to: string) {
    this.to = to;
  }
  send(text: string): string {
    return `${this.to}: ${text}`;
  }
  static best(of: string[]): Connection {
    return new Connection(of.toSorted()[0]!);
  }
  [Symbol.dispose](): void {
    log.push(this.to);
  }
}

const connections = {
  Connection,
  open(to: string): unknown {
    if (to === '') throw Object.assign(new Error('nowhere'));
    return new Connection(to);
  },
  handOver: (connection: Connection): unknown => log.push(`back ${connection.to}`) && undefined,
  show: (connection: Connection): unknown => `<${connection.to}>`,
};

async function handles(replaced: object = {}, options: object = {}): Promise<Sandbox> {
  log.length = 0;
  const imports = { 'hl:handles/connections': { ...connections, ...replaced } };
  return sandboxOf('handles', { imports, ...options });
}

async function contextOf(sandbox: Sandbox): Promise<Context> {
  const context = await sandbox.context();
  onTestFinished(async () => void (await context.finish()));
  return context;
}

describeWithKvm('resources', () => {
  describe("the component's", () => {
    test('have a constructor, methods, static methods and an end', async () => {
      const { exports } = await contextOf(await handles());
      const { Bucket, alive } = exports.buckets;
      const one = await Bucket.create('one');
      expect(one).toBeInstanceOf(Bucket);
      expect(await one.name()).toBe('one');
      await one.put('a', '1');
      expect(await one.get('a')).toBe('1');
      expect(await one.get('b')).toBeUndefined();
      await expect(one.put('', '')).rejects.toMatchObject({ payload: 'the key is empty' });
      const other = await exports.buckets.open('other');
      await other.put('b', '2');
      const merged = await Bucket.merge(one, other);
      expect(await merged.get('b')).toBe('2');
      expect(await merged.then_()).toBe(2);
      expect(await alive()).toBe(2);
      await merged[Symbol.asyncDispose]();
      expect(await alive()).toBe(1);
      await merged[Symbol.asyncDispose]();
      await expect(merged.name()).rejects.toThrow('args[0]: the Bucket was disposed of');
      expect(await other.name()).toBe('other');
    });

    test('cannot be used after they were moved, nor moved while they are lent', async () => {
      const { exports } = await contextOf(await handles());
      const { Bucket, close } = exports.buckets;
      const one = await Bucket.create('one');
      expect(await close(one)).toBe('one');
      await expect(one.name()).rejects.toThrow(
        new TypeError('args[0]: the Bucket was moved: whoever it was passed to owns it'),
      );
      await expect(close(one)).rejects.toThrow('was moved');
      await one[Symbol.asyncDispose]();
      const two = await Bucket.create('two');
      await expect(Bucket.merge(two, two)).rejects.toThrow('args[1]: the Bucket was moved');
      expect(await two.name()).toBe('two');
      expect(await exports.buckets.alive()).toBe(1);
    });

    test('are where they were if the call was never sent', async () => {
      let answer: ((connection: Connection) => void) | undefined;
      const open = () => new Promise((resolve) => (answer = resolve));
      const context = await contextOf(await handles({ open }));
      const { Bucket, close, swap } = context.exports.buckets;
      const one = await Bucket.create('one');
      await expect(swap({ first: one, second: 3 })).rejects.toThrow(
        'args[0].second: expected Bucket, got number',
      );
      const controller = new AbortController();
      const running = context.exports.users.visit('slowly');
      const queued = context.with({ signal: controller.signal }).exports.buckets.close(one);
      controller.abort();
      await expect(queued).rejects.toMatchObject({ code: 'ERR_HL_ABORT' });
      await vi.waitUntil(() => answer !== undefined);
      answer?.(new Connection('there'));
      expect(await running).toBe('<there>');
      expect(await close(one)).toBe('one');
    });

    test('travel in records, lists and options', async () => {
      const { exports } = await contextOf(await handles());
      const { many, names, swap, alive } = exports.buckets;
      const all = await many(3);
      expect(await names(all)).toEqual(['0', '1', '2']);
      const [first, second] = all;
      const swapped = await swap({ first, second });
      expect([await swapped.first.name(), await swapped.second.name()]).toEqual(['1', '0']);
      const alone = await swap({ first: swapped.first });
      expect(alone.second).toBeUndefined();
      expect(await alive()).toBe(3);
      await expect(exports.buckets.tryOpen('')).rejects.toMatchObject({ payload: 'the name is empty' });
    });

    test('need no functions of their own, nor a destructor', async () => {
      const sandbox = await sandboxOf('resource-interface');
      expect(await sandbox.exports.things.answer()).toBe(42);
      const { exports } = await contextOf(sandbox);
      const thing = await exports.things.make();
      expect(thing).toBeInstanceOf(exports.things.Thing);
      expect(String(thing)).toBe('[object Thing]');
      expect(() => new exports.things.Thing()).toThrow('the component makes them');
      await thing[Symbol.asyncDispose]();
    });

    test('exist in contexts only, each in its own', async () => {
      const sandbox = await handles();
      const required = { code: 'ERR_HL_CONTEXT_REQUIRED' };
      await expect(sandbox.exports.buckets.Bucket.create('x')).rejects.toMatchObject(required);
      await expect(sandbox.exports.buckets.open('x')).rejects.toMatchObject(required);
      expect(await sandbox.exports.buckets.alive()).toBe(0);
      expect(() => new sandbox.exports.buckets.Bucket('x')).toThrow('use await Bucket.create(...)');
      const one = await contextOf(sandbox);
      const bucket = await one.exports.buckets.Bucket.create('one');
      const other = await contextOf(await handles());
      await expect(other.exports.buckets.close(bucket)).rejects.toThrow(
        'args[0]: expected a Bucket of this context, got a Bucket of another',
      );
      await expect(other.exports.buckets.close({ name: () => 'forged' })).rejects.toThrow('expected Bucket');
      expect(() => new one.exports.buckets.Bucket('x')).toThrow(TypeError);
      await one.finish();
      await expect(bucket.name()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
      await bucket[Symbol.asyncDispose]();
    });

    test('have the options of a view where they are bound to it', async () => {
      const context = await contextOf(await handles());
      const view = context.with({ signal: AbortSignal.abort('enough') });
      const bucket = await context.exports.buckets.Bucket.create('one');
      expect(bucket).toBeInstanceOf(view.exports.buckets.Bucket);
      await expect(view.bind(bucket).name()).rejects.toMatchObject({ cause: 'enough' });
      expect(await bucket.name()).toBe('one');
      expect(() => view.bind({})).toThrow('bind: expected a resource of this context');
    });

    test('are bounded, and a limit ends the context', async () => {
      const context = await contextOf(await handles({}, { limits: { maxResources: 10 } }));
      expect(await context.exports.buckets.many(10)).toHaveLength(10);
      await expect(context.exports.buckets.open('one more')).rejects.toMatchObject({ limit: 'maxResources' });
      await expect(context.exports.buckets.alive()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
    });

    test('a destructor that traps ends the context', async () => {
      const context = await contextOf(await handles());
      const bucket = await context.exports.buckets.Bucket.create('trap on drop');
      await expect(bucket[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'ERR_HL_TRAP' });
      await expect(context.exports.buckets.alive()).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
    });
  });

  describe("the host's", () => {
    test('are made by the guest, used and dropped', async () => {
      const { exports } = await handles();
      expect(await exports.users.dial('home', 'hello')).toBe('home: hello');
      expect(log).toEqual(['home']);
      expect(await exports.users.dialBest(['b', 'a'])).toBe('a: best');
      expect(await exports.users.visit('there')).toBe('<there>');
      expect(log).toEqual(['home', 'a', 'there']);
    });

    test('are lent for a call', async () => {
      const { exports } = await handles();
      const connection = new Connection('lent');
      expect(await exports.users.send(connection, 'x')).toBe('lent: x');
      expect(await exports.users.send({ send: (text: string) => text }, 'any object')).toBe('any object');
      expect(log).toEqual([]);
    });

    test('are disposed of once: at the last drop, or when the state ends', async () => {
      const sandbox = await handles();
      const shared = new Connection('shared');
      const context = await contextOf(sandbox);
      const { users } = context.exports;
      await users.keep(shared);
      await users.keep(shared);
      expect(await users.kept()).toBe(2);
      await users.dropKept();
      expect(log).toEqual(['shared']);
      await users.keep(new Connection('until the end'));
      expect(log).toEqual(['shared']);
      await context.finish();
      expect(log).toEqual(['shared', 'until the end']);
      await sandbox.exports.users.keep(new Connection('direct'));
      expect(log).toEqual(['shared', 'until the end', 'direct']);
    });

    test('are disposed of after a trap, a timeout and close()', async () => {
      const sandbox = await handles();
      const one = await sandbox.context();
      await one.exports.users.keep(new Connection('trap'));
      await expect(one.exports.users.failWithKept()).rejects.toMatchObject({ code: 'ERR_HL_TRAP' });
      expect(log).toEqual(['trap']);
      const two = await sandbox.context();
      await two.exports.users.keep(new Connection('close'));
      await sandbox.close();
      expect(log).toEqual(['trap', 'close']);
    });

    test('given back they are the host’s again', async () => {
      const { exports } = await contextOf(await handles());
      const connection = new Connection('mine');
      await exports.users.keep(connection);
      expect(await exports.users.giveBack()).toBe(connection);
      expect(await exports.users.giveBack()).toBeUndefined();
      await exports.users.keep(connection);
      await exports.users.handOverKept();
      expect(log).toEqual(['back mine']);
    });

    test('that are none are refused, with what is missing', async () => {
      const { exports } = await handles({ open: () => ({ to: 'x' }) });
      await expect(exports.users.send({}, 'x')).rejects.toThrow(
        new TypeError('args[0]: expected a Connection, got an object without send'),
      );
      await expect(exports.users.keep(3)).rejects.toThrow('args[0]: expected Connection, got number');
      await expect(exports.users.visit('x')).rejects.toMatchObject({
        code: 'ERR_HL_HOST_FUNCTION',
        message: expect.stringContaining('got an object without send'),
      });
    });

    test('a failing dispose fails the call that dropped it', async () => {
      const open = () => ({
        send: () => '',
        [Symbol.dispose]() {
          throw new Error('stuck');
        },
      });
      const { exports } = await handles({ open });
      await expect(exports.users.visit('x')).rejects.toMatchObject({
        code: 'ERR_HL_HOST_FUNCTION',
        import: 'hl:handles/connections@1.0.0#[resource-drop]connection',
      });
    });

    test('async methods, constructors and ends are waited for', async () => {
      const Slow = {
        create: async (to: string) => ({
          send: async (text: string) => `${to} slowly: ${text}`,
          [Symbol.asyncDispose]: async () => void log.push(`${to} ended`),
        }),
        best: async () => new Connection('best'),
      };
      const { exports } = await handles({ Connection: Slow });
      expect(await exports.users.dial('home', 'hello')).toBe('home slowly: hello');
      expect(log).toEqual(['home ended']);
    });

    test('are bounded', async () => {
      const context = await contextOf(await handles({}, { limits: { maxResources: 2 } }));
      await context.exports.users.keep(new Connection('1'));
      await context.exports.users.keep(new Connection('2'));
      const limit = { limit: 'maxResources' };
      await expect(context.exports.users.keep(new Connection('3'))).rejects.toMatchObject(limit);
      await expect(context.exports.users.visit('3')).rejects.toMatchObject(limit);
    });

    test('a call that was never sent has given nothing away, also where its context ends', async () => {
      let fail: ((error: Error) => void) | undefined;
      const open = () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        });
      const sandbox = await handles({ open });
      const context = await sandbox.context();
      const first = context.exports.users.visit('x').catch((error: unknown) => error);
      const queued = context.exports.users.keep(new Connection('never sent'));
      await vi.waitUntil(() => fail !== undefined);
      fail?.(new Error('no'));
      await expect(queued).rejects.toMatchObject({ code: 'ERR_HL_CLOSED' });
      expect(await first).toMatchObject({ code: 'ERR_HL_HOST_FUNCTION' });
      expect(log).toEqual([]);
    });

    test('what an async function answers too late ends at once', async () => {
      let answer: ((connection: Connection) => void) | undefined;
      const open = () =>
        new Promise((resolve) => {
          answer = resolve;
        });
      const sandbox = await handles({ open });
      const late = sandbox.with({ timeoutMs: 50 }).exports.users.visit('x');
      await expect(late).rejects.toMatchObject({ code: 'ERR_HL_TIMEOUT' });
      answer?.(new Connection('late'));
      await vi.waitUntil(() => log.length > 0);
      expect(log).toEqual(['late']);
    });

    test('may close their sandbox, or call it, when they end, and fail in any way', async () => {
      const sandbox = await handles();
      const warned = vi.fn();
      process.once('warning', warned);
      const context = await sandbox.context();
      const ending = (end: () => unknown) => ({ send: () => '', [Symbol.dispose]: end });
      let called: Promise<unknown> | undefined;
      await context.exports.users.keep(
        ending(() => {
          called = sandbox.exports.users.kept();
        }),
      );
      await context.exports.users.keep(
        ending(() => {
          throw Object.create(null);
        }),
      );
      await expect(context.exports.users.failWithKept()).rejects.toMatchObject({ code: 'ERR_HL_TRAP' });
      await vi.waitUntil(() => called !== undefined);
      expect(await called).toBe(0);
      await vi.waitUntil(() => warned.mock.calls.length > 0);
      const other = await sandbox.context();
      await other.exports.users.keep(ending(() => sandbox.close()));
      await sandbox.close();
    });

    test('cannot be in a snapshot', async () => {
      const sandbox = await handles();
      const context = await contextOf(sandbox);
      await context.exports.users.keep(new Connection('held'));
      await expect(context.snapshot()).rejects.toMatchObject({
        code: 'ERR_HL_SNAPSHOT',
        reason: 'resources',
      });
      await context.exports.users.dropKept();
      const snapshot = await context.snapshot();
      snapshot.close();
      const warmup = (one: Context) => one.exports.users.keep(new Connection('warm'));
      await expect(handles({}, { warmup })).rejects.toMatchObject({ reason: 'resources' });
    });

    test('the class is part of what is missing', async () => {
      const imports = { 'hl:handles/connections': { ...connections, Connection: undefined } };
      await expect(sandboxOf('handles', { imports })).rejects.toMatchObject({
        code: 'ERR_HL_LINK',
        message: expect.stringMatching(/Connection: class \{\n.*\n {6}constructor\(to\)/),
      });
    });
  });

  test('cross from one context to another through the host', async () => {
    const provider = await contextOf(await sandboxOf('handles', { imports: { connections } }));
    // Its buckets are the user's connections: what one component makes, the other uses.
    const { Bucket } = provider.exports.buckets;
    const sent = async (bucket: { name(): Promise<string> }, text: string) =>
      `${await bucket.name()} ${text}`;
    const lent = (bucket: { name(): Promise<string> }) => ({
      send: (text: string) => sent(bucket, text),
      [Symbol.asyncDispose]: () => (bucket as unknown as AsyncDisposable)[Symbol.asyncDispose](),
    });
    const Wired = { create: async (to: string) => lent(await Bucket.create(to)), best: () => undefined };
    const user = await handles({ Connection: Wired });
    expect(await user.exports.users.dial('wired', 'hello')).toBe('wired hello');
    expect(await provider.exports.buckets.alive()).toBe(0);
  });
});
