// Owns the proof that values of other types than WASI's, mistakes of a handler's and sheer numbers do no harm.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OutgoingBody } from '../../src/wasi/http/bodies.ts';
import { Fields } from '../../src/wasi/http/fields.ts';
import { type HttpHandler, outgoingHandler } from '../../src/wasi/http/outgoing-handler.ts';
import { Quota } from '../../src/wasi/http/quota.ts';
import { OutgoingRequest, RequestOptions } from '../../src/wasi/http/requests.ts';
import { Pipe } from '../../src/wasi/pipe.ts';
import { OutputStream } from '../../src/wasi/streams.ts';
import { Pollable, poll } from '../../src/wasi/waiting.ts';
import { codeOf, givenFolder, WRITE } from './folder.ts';

const asIs = <Type>(value: unknown): Type => value as Type;

test('flags that are not booleans open nothing for writing', async () => {
  const { inside, root } = await givenFolder('read');
  writeFileSync(join(inside, 'f.txt'), 'kept');
  for (const [how, flags] of [
    [{ create: 'x', truncate: true }, WRITE],
    [{ truncate: true }, { ...WRITE, mutateDirectory: 'x' }],
    [{}, { write: 'x' }],
  ]) {
    expect(await codeOf(root.openAt({}, 'f.txt', asIs(how), asIs(flags)))).toBe('read-only');
  }
  expect(readFileSync(join(inside, 'f.txt'), 'utf8')).toBe('kept');
});

test('what waits for a pollable is out of reach of names', () => {
  const names = Object.getOwnPropertyNames(Pollable.prototype).sort();
  expect(names).toEqual(['block', 'constructor', 'ready']);
});

test('what is not bytes is not counted', async () => {
  const quota = new Quota();
  const claimed = asIs<Uint8Array>({ length: -1e9, some: () => false });
  const stream = new OutputStream(new Pipe(quota));
  expect(() => stream.write(claimed)).toThrow(/expected bytes, got object/);
  expect(() => stream.blockingWriteAndFlush(claimed)).toThrow(/expected bytes/);
  expect(() => new Fields(quota).append('a', claimed)).toThrow(/expected bytes/);
  for (const bytes of [-1, Number.NaN]) expect(() => quota.take(bytes)).toThrow(RangeError);
  expect(quota.left).toBe(new Quota().left);
  const { root } = await givenFolder();
  using file = await root.openAt({}, 'new', { create: true }, WRITE);
  await expect(file.write(claimed, 0n)).rejects.toThrow();
});

const request = (method = 'get', fields = new Fields()): OutgoingRequest => {
  const made = new OutgoingRequest(fields);
  made.setMethod({ tag: method });
  made.setAuthority('a');
  return made;
};
const send = (http: unknown, one = request(), options?: RequestOptions) =>
  outgoingHandler(http as HttpHandler).handle(one, options);

/** Whatever nobody catches in the meantime. */
function unhandled(): unknown[] {
  const seen: unknown[] = [];
  const listener = (error: unknown): void => void seen.push(error);
  process.on('unhandledRejection', listener);
  onTestFinished(() => void process.off('unhandledRejection', listener));
  return seen;
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test.each([
  ['headers that are none', () => ({ status: 200, headers: {}, body: null })],
  ['null for headers', () => ({ status: 200, headers: null, body: null })],
  ['headers that throw', () => ({ status: 200, headers: new Map([[1, 2]]), body: null })],
  ['a body that is none', () => ({ status: 200, headers: [], body: {} })],
  [
    'a body that was read',
    async () => {
      const response = new Response('text');
      await response.text();
      return response;
    },
  ],
])('%s: the mistake of who gave the function, and never the end of the process', async (_, http) => {
  const seen = unhandled();
  using future = send(http);
  using pollable = future.subscribe();
  await poll([pollable]);
  const got = (): unknown => future.get();
  const isPassedOn = (() => {
    try {
      return got() !== undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return false;
    }
  })();
  expect(isPassedOn).toBe(false);
  const late = send(http);
  late[Symbol.dispose]();
  const options = new RequestOptions();
  options.setFirstByteTimeout(0n);
  using timedOut = send(
    async () => {
      await settle();
      return http();
    },
    request(),
    options,
  );
  await settle();
  await settle();
  expect(timedOut.get()).toMatchObject({ val: { tag: 'err' } });
  expect(seen).toEqual([]);
});

test('one pollable that is named many times is waited for once', async () => {
  let asked = 0;
  let isReady = false;
  const pollable = new Pollable({
    isReady: () => isReady,
    onChange: (wake) => {
      asked++;
      setTimeout(() => {
        isReady = true;
        wake();
      });
      return () => undefined;
    },
  });
  expect(await poll(new Array(1000).fill(pollable))).toHaveLength(1000);
  expect(asked).toBe(1);
  expect(() => poll(new Array(1_000_000).fill(pollable))).toThrow(/more than 65536/);
});

test('texts of a request have a limit', async () => {
  const one = request();
  const long = 'a'.repeat(1 << 20);
  for (const set of [
    () => one.setMethod({ tag: 'other', val: long }),
    () => one.setPathWithQuery(`/${long}`),
    () => one.setScheme({ tag: 'other', val: long }),
    () => one.setAuthority(long),
  ]) {
    expect(await codeOf(set)).toBe(undefined);
  }
});

test('texts of requests are counted with their headers', () => {
  const quota = new Quota();
  const { left } = quota;
  const made: OutgoingRequest[] = [];
  const make = (): void => {
    const one = request('get', new Fields(quota));
    made.push(one);
    one.setPathWithQuery('/');
    one.setPathWithQuery(`/${'a'.repeat(9999)}`);
  };
  make();
  expect(quota.left).toBe(left - 10_001);
  expect(() => {
    for (let n = 0; n < 1000; n++) make();
  }).toThrow(RangeError);
  for (const one of made) one[Symbol.dispose]();
  expect(quota.left).toBe(left);
});

test('a list of headers that is refused midway takes nothing of the quota', async () => {
  const quota = new Quota();
  class Counted extends Fields {
    constructor() {
      super(quota);
    }
  }
  const entries: [string, Uint8Array][] = [
    ['a', new Uint8Array(1000).fill(65)],
    ['not a name', new Uint8Array(0)],
  ];
  expect(await codeOf(() => Counted.fromList.call(Counted, entries))).toEqual({ tag: 'invalid-syntax' });
  expect(quota.left).toBe(new Quota().left);
});

test('a body that is being read when the answer comes is read to its end', async () => {
  const one = request('post');
  const body = one.body();
  const stream = body.write();
  let read: Promise<Uint8Array[]> | undefined;
  using future = send(async (given: Request) => {
    const reader = given.body!.getReader();
    const first = await reader.read();
    read = (async () => {
      const chunks: Uint8Array[] = [first.value!];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return chunks;
        chunks.push(value);
      }
    })();
    return new Response('early');
  }, one);
  await stream.blockingWriteAndFlush(new Uint8Array(1000));
  using pollable = future.subscribe();
  await poll([pollable]);
  for (let n = 0; n < 10; n++) await stream.blockingWriteAndFlush(new Uint8Array(100_000));
  OutgoingBody.finish(body, undefined);
  expect((await read!).reduce((sum, chunk) => sum + chunk.length, 0)).toBe(1_001_000);
});

test('who begins to read a body after the answer learns that it is not whole', async () => {
  const one = request('post');
  using body = one.body();
  let kept: Request | undefined;
  using future = send((given: Request) => {
    kept = given;
    return new Response('early');
  }, one);
  using pollable = future.subscribe();
  await poll([pollable]);
  const stream = body.write();
  await stream.blockingWriteAndFlush(new Uint8Array(1000));
  await expect(kept!.text()).rejects.toThrow(TypeError);
});
