// Host functions as a sandbox calls them: what they may answer, throw, keep and call, with a stand-in for the VM.
import { beforeEach, describe, expect, test } from 'vitest';
import { HostFunctionError, ReentrancyError, type Sandbox, WitError } from '../src/index.ts';
import { createFake, type Fake, installFake } from './fake/world.ts';

let fake: Fake;
beforeEach(() => {
  fake = installFake();
});

describe('host functions', () => {
  const stock = (count: (n: number) => unknown, tryCount: (n: number) => unknown = count) => ({
    imports: { 'acme:shop/stock': { count, tryCount } },
  });

  test('sync and async ones answer', async () => {
    const sync = await createFake(stock((n) => n * 2));
    const async = await createFake(stock(async (n) => n * 3));
    expect([await sync.exports.ask(7), await async.exports.ask(7)]).toEqual([14, 21]);
  });

  test('`this` is the object that was given', async () => {
    class Stock {
      #factor = 5;
      count(n: number) {
        return n * this.#factor;
      }
      tryCount = (n: number) => n;
    }
    const sandbox = await createFake({ imports: { stock: new Stock() } });
    expect(await sandbox.exports.ask(2)).toBe(10);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('out of stock');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('out of stock');
      },
    ],
  ])('one that %s fails the call with its cause, and the next call works', async (_name, count) => {
    const sandbox = await createFake(stock(count));
    const error = await sandbox.exports.ask(1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HostFunctionError);
    expect(error).toMatchObject({ import: 'acme:shop/stock@1.0.0#count', cause: new Error('out of stock') });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('one that throws what cannot be looked at fails its call, and nothing else', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const secretive = new Error();
    Object.defineProperty(secretive, 'message', {
      get() {
        throw new Error('no');
      },
    });
    for (const thrown of [revoked.proxy, secretive]) {
      const sandbox = await createFake(
        stock(() => {
          throw thrown;
        }),
      );
      const error = await sandbox.exports.ask(1).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(HostFunctionError);
      expect((error as HostFunctionError).message).toContain('something that cannot be looked at');
      expect((error as HostFunctionError).cause === thrown).toBe(true);
    }
  });

  test('one that answers a value of another type fails the call with the path', async () => {
    const sandbox = await createFake(stock(() => 'seven'));
    await expect(sandbox.exports.ask(1)).rejects.toMatchObject({
      code: 'ERR_HL_HOST_FUNCTION',
      cause: new TypeError('result: expected number (u8), got string'),
    });
  });

  test('a WitError answers the err case of a result, where there is one', async () => {
    const sandbox = await createFake(
      stock(() => {
        throw new WitError('none left');
      }),
    );
    const error = await sandbox.exports.askResult(1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WitError);
    expect(error).toMatchObject({ payload: 'none left' });
    await expect(sandbox.exports.ask(1)).rejects.toBeInstanceOf(HostFunctionError);
  });

  test('arguments that are no values of its types never reach it', async () => {
    const seen: unknown[] = [];
    const sandbox = await createFake(stock((n) => seen.push(n)));
    await expect(sandbox.exports.askWrongly()).rejects.toMatchObject({ code: 'ERR_HL_PROTOCOL' });
    expect(seen).toEqual([]);
    expect(fake.binding.condemned).toEqual([1]);
  });

  test('one that never settles is stopped by timeoutMs', async () => {
    const sandbox = await createFake(stock(() => new Promise(() => undefined)));
    const error = await sandbox
      .with({ timeoutMs: 20 })
      .exports.ask(1)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      kind: 'wall',
      message: expect.stringContaining('acme:shop/stock@1.0.0#count had not answered'),
    });
    expect(await sandbox.exports.count()).toBe(1);
  });

  test('one that calls back into its own sandbox after an await ends by time, and is told why', async () => {
    const own: { sandbox?: Sandbox } = {};
    const inner: Promise<unknown>[] = [];
    const count = async (n: number) => {
      await Promise.resolve();
      inner.push(own.sandbox!.with({ timeoutMs: 20 }).exports.count());
      return inner[0]!.then(() => n);
    };
    own.sandbox = await createFake(stock(count));
    await expect(own.sandbox.exports.ask(1)).rejects.toBeInstanceOf(HostFunctionError);
    await expect(inner[0]).rejects.toMatchObject({
      kind: 'queue',
      message: expect.stringContaining('waited for itself'),
    });
  });

  test('one that settles after its call is over changes nothing', async () => {
    let settle: ((value: number) => void) | undefined;
    const sandbox = await createFake(
      stock(
        () =>
          new Promise<number>((resolve) => {
            settle = resolve;
          }),
      ),
    );
    await sandbox
      .with({ timeoutMs: 20 })
      .exports.ask(1)
      .catch(() => undefined);
    const next = sandbox.exports.countLater();
    settle?.(3);
    expect(await next).toBe(1);
  });

  test('calling back into its own sandbox synchronously is refused, another sandbox is fair game', async () => {
    const other = await createFake();
    const refused: unknown[] = [];
    const own: { sandbox?: Sandbox } = {};
    const sandbox = await createFake(
      stock(async (n) => {
        await own.sandbox?.exports.count().catch((thrown: unknown) => refused.push(thrown));
        return other.exports.increment(n);
      }),
    );
    own.sandbox = sandbox;
    expect(await sandbox.exports.ask(1)).toBe(2);
    expect(refused[0]).toBeInstanceOf(ReentrancyError);
  });

  test("two sandboxes are wired together by giving one's exports as the other's imports", async () => {
    const inner = await createFake();
    const sandbox = await createFake(stock(inner.exports.increment));
    expect(await sandbox.exports.ask(41)).toBe(42);
  });
});
