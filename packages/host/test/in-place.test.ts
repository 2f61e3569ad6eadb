// Calls that come back while they are waited for, and host calls served meanwhile, with a stand-in for the VM.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClosedError, HostFunctionError, ReentrancyError, Sandbox } from '../src/index.ts';
import type { GuestFunction } from './fake/binding.ts';
import { componentOf } from './fake/compiler.ts';
import { createFake, type Fake, functionOf, installFake } from './fake/world.ts';

/** Longer than the buffers that calls are described in. */
const LONG = 'x'.repeat(100_000);

const guests: Record<string, GuestFunction> = {
  *echo({ request }) {
    yield* [];
    return request;
  },
  *tell({ request }) {
    return yield { import: 0, arguments: request };
  },
  *'tell-twice'({ request }) {
    const once = yield { import: 0, arguments: request };
    return yield { import: 0, arguments: once };
  },
};

const world = {
  types: [{ kind: 'list', type: 'string' } as const],
  imports: [{ name: 'acme:text/words', functions: [functionOf('pass', ['string'], 'string')], types: [] }],
  exports: [
    {
      name: null,
      functions: Object.keys(guests).map((name) =>
        name === 'echo' ? functionOf(name, [0], 0) : functionOf(name, ['string'], 'string'),
      ),
      types: [],
    },
  ],
};

let fake: Fake;
beforeEach(() => {
  fake = installFake();
  fake.binding.guests = Object.values(guests);
});
/** What earlier calls took of the event loop's turn is forgotten. */
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

const create = (pass: (text: string) => unknown): Promise<Sandbox> =>
  Sandbox.create({ component: componentOf(world), imports: { words: { pass } } });

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

test('a sync host function has run before the call has returned its promise', async () => {
  const seen: string[] = [];
  const sandbox = await create((text) => {
    seen.push(text);
    return `${text}!`;
  });
  const answer = sandbox.exports.tellTwice('a');
  expect(seen).toEqual(['a', 'a!']);
  expect(await answer).toBe('a!!');
});

test('what is longer than the buffers travels apart, in each direction', async () => {
  const sandbox = await create((text) => `${text}y`);
  expect(await sandbox.exports.tellTwice(LONG)).toBe(`${LONG}yy`);
  expect(await sandbox.exports.echo([LONG, 'short'])).toEqual([LONG, 'short']);
  expect(await sandbox.exports.echo(['short'])).toEqual(['short']);
});

test('a getter that calls while arguments are encoded disturbs neither call', async () => {
  const sandbox = await create((text) => text);
  let inner: Promise<unknown> | undefined;
  const values = ['before', '', 'after'];
  Object.defineProperty(values, 1, {
    get() {
      inner ??= sandbox.exports.echo(['of the getter']);
      return 'between';
    },
  });
  expect(await sandbox.exports.echo(values)).toEqual(['before', 'between', 'after']);
  expect(await inner).toEqual(['of the getter']);
});

test('a host function that calls another sandbox disturbs neither call', async () => {
  const other = await create((text) => `[${text}]`);
  const inner: Promise<unknown>[] = [];
  const sandbox = await create((text) => {
    inner.push(other.exports.tell(`inner ${text}`));
    return `outer ${text}`;
  });
  expect(await sandbox.exports.tellTwice('a')).toBe('outer outer a');
  expect(await Promise.all(inner)).toEqual(['[inner a]', '[inner outer a]']);
});

describe('a promise of a host function', () => {
  test('is waited for through the event loop, and its answer may bring the call back at once', async () => {
    const sandbox = await create(async (text) => `${text}!`);
    const [vm] = fake.binding.sandboxes;
    const answer = sandbox.exports.tellTwice('a');
    expect(vm!.held).toBe(true);
    expect(await answer).toBe('a!!');
    expect(vm!.held).toBe(false);
    expect(sandbox.stats).toMatchObject({ calls: 1, hostCalls: 2 });
  });

  test('that settles after the call has timed out changes nothing', async () => {
    let settle: ((text: string) => void) | undefined;
    const sandbox = await create((text) =>
      text === 'late' ? new Promise((resolve) => (settle = resolve)) : text,
    );
    const error = await failureOf(sandbox.with({ timeoutMs: 20 }).exports.tell('late'));
    expect(error).toMatchObject({ kind: 'wall', message: expect.stringContaining('had not answered') });
    settle?.('x');
    expect(await sandbox.exports.tell('next')).toBe('next');
  });
});

describe('a host function, before its call has returned a promise,', () => {
  test('may cancel the call', async () => {
    const stop = new AbortController();
    const sandbox = await create((text) => {
      if (text === 'stop') stop.abort('enough');
      return text;
    });
    const error = await failureOf(sandbox.with({ signal: stop.signal }).exports.tell('stop'));
    expect(error).toMatchObject({ code: 'ERR_HL_ABORT', cause: 'enough' });
    expect(await sandbox.exports.tell('next')).toBe('next');
  });

  test('may close the sandbox', async () => {
    const sandbox: Sandbox = await create((text) => {
      void sandbox.close();
      return text;
    });
    expect(await failureOf(sandbox.exports.tell('a'))).toBeInstanceOf(ClosedError);
    await sandbox.close();
  });

  test('may finish the context, which then ends after the call', async () => {
    const finished: Promise<unknown>[] = [];
    const sandbox = await create((text) => {
      finished.push(context.finish());
      return text;
    });
    const context = await sandbox.context();
    expect(await context.exports.tell('a')).toBe('a');
    expect(await finished[0]).toMatchObject({ calls: 1 });
    expect(await sandbox.exports.echo(['b'])).toEqual(['b']);
  });

  test('cannot call its own sandbox', async () => {
    const refused: Promise<unknown>[] = [];
    const sandbox: Sandbox = await create((text) => {
      refused.push(failureOf(sandbox.exports.echo([])));
      return text;
    });
    expect(await sandbox.exports.tell('a')).toBe('a');
    expect(await refused[0]).toBeInstanceOf(ReentrancyError);
  });

  test('may throw, or answer what is no value of its type', async () => {
    const sandbox = await create((text) => {
      if (text === 'throw') throw new Error('thrown');
      return text === 'number' ? 5 : text;
    });
    const thrown = await failureOf(sandbox.exports.tell('throw'));
    expect(thrown).toBeInstanceOf(HostFunctionError);
    expect(thrown).toMatchObject({ cause: new Error('thrown') });
    expect(await failureOf(sandbox.exports.tell('number'))).toMatchObject({
      cause: new TypeError('result: expected string, got number'),
    });
    expect(await sandbox.exports.tell('next')).toBe('next');
  });
});

test('a loop of awaited calls, each answered at once, lets timers have their turn', async () => {
  const sandbox = await create((text) => text);
  for (const call of [() => sandbox.exports.echo(['a']), () => sandbox.exports.tellTwice('a')]) {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    let calls = 0;
    while (!fired && calls < 1_000_000) {
      await call();
      calls++;
    }
    expect(fired).toBe(true);
  }
});

test('a guest that asks forever is served in place for a while only', async () => {
  let asked = 0;
  fake.binding.guests[1] = function* ({ request }) {
    for (;;) yield { import: 0, arguments: request };
  };
  const sandbox = await create((text) => {
    asked++;
    return text;
  });
  const call = failureOf(sandbox.with({ timeoutMs: 50 }).exports.tell('a'));
  expect(asked).toBeGreaterThan(1);
  expect(await call).toMatchObject({ kind: 'wall' });
});

test('a result is not changed by later calls', async () => {
  const binding = installFake().binding;
  binding.guests = [guests['echo'] as GuestFunction];
  const bytes = await Sandbox.create({
    component: componentOf({
      types: [{ kind: 'list', type: 'u8' }],
      exports: [{ name: null, functions: [functionOf('echo', [0], 0)], types: [] }],
    }),
  });
  const first = await bytes.exports.echo(Uint8Array.of(1, 2, 3));
  await bytes.exports.echo(Uint8Array.of(4, 5, 6));
  expect(first).toEqual(Uint8Array.of(1, 2, 3));
  expect(first.buffer.byteLength).toBe(3);
});

test('a call is not waited for where it cannot be answered meanwhile, and is answered all the same', async () => {
  const usual = installFake();
  usual.binding.servesInPlace = false;
  const sandbox = await createFake();
  expect(await sandbox.exports.ask(7)).toBe(7);
});
