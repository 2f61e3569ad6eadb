// Owns the proof of wasi:http on the host's side: fields, requests out, responses in, requests in, responses out.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { WitError } from '../../src/errors/classes.js';
import { FutureTrailers, IncomingBody, OutgoingBody } from '../../src/wasi/http/bodies.js';
import { Fields } from '../../src/wasi/http/fields.js';
import {
  type FutureIncomingResponse,
  type HttpHandler,
  outgoingHandler,
} from '../../src/wasi/http/outgoing-handler.js';
import { Quota } from '../../src/wasi/http/quota.js';
import { type IncomingRequest, OutgoingRequest, RequestOptions } from '../../src/wasi/http/requests.js';
import { type IncomingResponse, OutgoingResponse, ResponseOutparam } from '../../src/wasi/http/responses.js';
import { serve } from '../../src/wasi/http/serve.js';
import type { IoError } from '../../src/wasi/streams.js';
import { poll } from '../../src/wasi/waiting.js';
import { codeOf } from './folder.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (given: Uint8Array): string => new TextDecoder().decode(given);

test('fields keep bytes and order, whatever the case of their names', async () => {
  const fields = Fields.fromList([
    ['X-One', bytes('1')],
    ['two', bytes('2')],
    ['x-one', new Uint8Array([0xe9])],
  ]);
  expect(fields.get('x-ONE').map((one) => [...one])).toEqual([[49], [0xe9]]);
  expect(fields.has('three')).toBe(false);
  fields.set('two', [bytes('a'), bytes('b')]);
  fields.delete('X-ONE');
  expect(fields.entries().map(([name, value]) => [name, text(value)])).toEqual([
    ['two', 'a'],
    ['two', 'b'],
  ]);
  const copy = fields.clone();
  copy.append('three', bytes(''));
  expect([fields.has('three'), copy.has('three')]).toEqual([false, true]);
  expect(await codeOf(() => fields.frozen().delete('two'))).toEqual({ tag: 'immutable' });
  expect(await codeOf(() => copy.append('a b', bytes('')))).toEqual({ tag: 'invalid-syntax' });
  expect(await codeOf(() => copy.append('a', bytes('x\r\nevil: 1')))).toEqual({ tag: 'invalid-syntax' });
  for (const name of ['Host', 'connection', 'transfer-encoding', 'upgrade']) {
    expect(await codeOf(() => copy.set(name, [bytes('x')])), name).toEqual({ tag: 'forbidden' });
  }
  expect(() => copy.append('big', new Uint8Array(200_000).fill(65))).toThrow(RangeError);
});

function requestTo(url: string, method = 'get', headers: [string, string][] = []): OutgoingRequest {
  const { protocol, host, pathname, search } = new URL(url);
  const request = new OutgoingRequest(Fields.fromList(headers.map(([name, value]) => [name, bytes(value)])));
  request.setMethod({ tag: method });
  request.setScheme({ tag: protocol === 'https:' ? 'HTTPS' : 'HTTP' });
  request.setAuthority(host);
  request.setPathWithQuery(pathname + search);
  return request;
}

async function settled(future: FutureIncomingResponse): Promise<{ tag: string; val: unknown }> {
  using pollable = future.subscribe();
  await poll([pollable]);
  return (future.get() as { val: { tag: string; val: unknown } }).val;
}

const send = (http: HttpHandler | undefined, request: OutgoingRequest, options?: RequestOptions) =>
  outgoingHandler(http).handle(request, options);

async function bodyOf(response: IncomingResponse): Promise<string> {
  using body = response.consume();
  using stream = body.stream();
  let all = '';
  for (;;) {
    const chunk = await stream.blockingRead(1n << 16n).catch((error: WitError) => error);
    if (chunk instanceof WitError) {
      expect(chunk.payload).toEqual({ tag: 'closed' });
      return all;
    }
    all += text(chunk);
  }
}

test('a request reaches the function as a Request, and its Response the guest', async () => {
  const http: HttpHandler = async (request) => {
    const seen = [
      request.method,
      request.url,
      request.headers.get('x-a'),
      request.redirect,
      await request.text(),
    ];
    return new Response(JSON.stringify(seen), { status: 201, headers: { 'x-b': 'é' } });
  };
  const request = requestTo('https://example.com/a?b=c', 'post', [['x-a', '1']]);
  const body = request.body();
  expect(await codeOf(() => request.body())).toBe(undefined);
  using future = send(http, request);
  expect(future.get()).toBe(undefined);
  const stream = body.write();
  await stream.blockingWriteAndFlush(bytes('hello '));
  await stream.blockingWriteAndFlush(bytes('world'));
  stream[Symbol.dispose]();
  OutgoingBody.finish(body, undefined);
  const { tag, val } = await settled(future);
  expect(tag).toBe('ok');
  const response = val as IncomingResponse;
  expect(response.status()).toBe(201);
  expect([...response.headers().get('x-b')[0]!]).toEqual([0xe9]);
  expect(await bodyOf(response)).toBe(
    JSON.stringify(['POST', 'https://example.com/a?b=c', '1', 'manual', 'hello world']),
  );
  expect(future.get()).toEqual({ tag: 'err', val: undefined });
  expect(new FutureTrailers().get()).toEqual({ tag: 'ok', val: { tag: 'ok', val: undefined } });
});

test('nothing given: refused', async () => {
  expect(await codeOf(() => send(undefined, requestTo('http://a/')))).toEqual({ tag: 'HTTP-request-denied' });
});

test('what the function throws is an error-code, and nothing else of it', async () => {
  const thrown: [unknown, unknown][] = [
    [new Error('secret'), { tag: 'internal-error', val: undefined }],
    [new WitError({ tag: 'HTTP-request-denied' }), { tag: 'HTTP-request-denied' }],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
      { tag: 'connection-refused' },
    ],
  ];
  for (const [error, code] of thrown) {
    using future = send(() => Promise.reject(error), requestTo('http://a/'));
    expect(await settled(future)).toEqual({ tag: 'err', val: code });
    using sync = send(() => {
      throw error;
    }, requestTo('http://a/'));
    expect(await settled(sync)).toEqual({ tag: 'err', val: code });
  }
});

test('what is no Response is the mistake of whoever gave the function', async () => {
  using future = send((() => 'text') as unknown as HttpHandler, requestTo('http://a/'));
  await expect(settled(future)).rejects.toThrow(
    /wasi\.http: expected the function to answer a Response, got string/,
  );
});

test('requests that cannot be are refused before anyone sees them', async () => {
  const http = (): never => expect.unreachable();
  const withoutAuthority = new OutgoingRequest(new Fields());
  expect(await codeOf(() => send(http, withoutAuthority))).toEqual({ tag: 'HTTP-request-URI-invalid' });
  expect(await codeOf(() => send(http, requestTo('http://a/', 'connect')))).toEqual({
    tag: 'HTTP-request-method-invalid',
  });
  const request = new OutgoingRequest(new Fields());
  expect(await codeOf(() => request.setAuthority('a/../b@evil'))).toBe(undefined);
  expect(await codeOf(() => request.setPathWithQuery('/a b'))).toBe(undefined);
  expect(await codeOf(() => request.setPathWithQuery('//evil\r\n'))).toBe(undefined);
  expect(await codeOf(() => request.setMethod({ tag: 'other', val: 'a b' }))).toBe(undefined);
  expect(request.authority()).toBe(undefined);
});

test('a path cannot name another host than the authority', async () => {
  const urls: string[] = [];
  for (const path of ['//evil.example/x', '/\\evil.example', '?x', '']) {
    const request = requestTo('http://good.example/');
    request.setPathWithQuery(path);
    const http: HttpHandler = (one) => {
      urls.push(new URL(one.url).host);
      return new Response();
    };
    using future = send(http, request);
    await settled(future);
  }
  expect(urls).toEqual(['good.example', 'good.example', 'good.example', 'good.example']);
});

test('a guest that waits no longer than it said gives the request up', async () => {
  const options = new RequestOptions();
  options.setFirstByteTimeout(5_000_000n);
  let aborted = false;
  const http: HttpHandler = (request) =>
    new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => {
        aborted = true;
        reject(request.signal.reason);
      });
    });
  using future = send(http, requestTo('http://a/'), options);
  expect(await settled(future)).toEqual({ tag: 'err', val: { tag: 'HTTP-response-timeout' } });
  expect(aborted).toBe(true);
});

test('who answers without reading the body does not keep the guest waiting', async () => {
  const request = requestTo('http://a/', 'post');
  using body = request.body();
  using future = send(() => new Response('no'), request);
  await settled(future);
  const stream = body.write();
  for (let n = 0; n < 10; n++) await stream.blockingWriteAndFlush(new Uint8Array(100_000));
});

test('fetch is such a function: bodies stream, redirects are answers, encodings are undone', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/gzip')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
    else if (request.url === '/redirect') response.writeHead(302, { location: '/gzip' }).end();
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (path: string) => {
    using future = send(fetch as unknown as HttpHandler, requestTo(origin + path));
    return (await settled(future)).val as IncomingResponse;
  };
  const packed = await get('/gzip');
  expect(packed.headers().has('content-encoding')).toBe(false);
  expect(await bodyOf(packed)).toBe('packed');
  expect((await get('/redirect')).status()).toBe(302);
  const request = requestTo(`${origin}/echo`, 'post');
  const body = request.body();
  using future = send(fetch as unknown as HttpHandler, request);
  const stream = body.write();
  const writing = (async () => {
    for (let n = 0; n < 20; n++) await stream.blockingWriteAndFlush(new Uint8Array(100_000).fill(65));
    OutgoingBody.finish(body, undefined);
  })();
  const all = await bodyOf((await settled(future)).val as IncomingResponse);
  await writing;
  expect(all.length).toBe(2_000_000);
  server.closeAllConnections();
});

test('a connection that fails says how', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  using future = send(fetch as unknown as HttpHandler, requestTo(`http://127.0.0.1:${port}/`));
  expect(await settled(future)).toEqual({ tag: 'err', val: { tag: 'connection-refused' } });
});

type Guest = (request: IncomingRequest, out: ResponseOutparam) => Promise<void> | void;
const ask = (request: Request, guest: Guest) =>
  serve(request, guest, async (callee, [one, out]) => callee(one, out));

test('a guest answers a Request: the head at once, the body as it is written', async () => {
  let goOn = (): void => undefined;
  const waits = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const response = await ask(
    new Request('http://h/p?q', { method: 'PUT', body: 'in', headers: { 'x-a': '1' } }),
    async (request, out) => {
      expect([request.method(), request.pathWithQuery(), request.scheme(), request.authority()]).toEqual([
        { tag: 'put' },
        '/p?q',
        { tag: 'HTTP' },
        'h',
      ]);
      expect(text(request.headers().get('X-A')[0]!)).toBe('1');
      const input = request.consume().stream();
      const read = text(await input.blockingRead(9n));
      const answer = new OutgoingResponse(
        Fields.fromList([
          ['set-cookie', bytes('a=1')],
          ['set-cookie', bytes('b=2')],
        ]),
      );
      answer.setStatusCode(202);
      const body = answer.body();
      ResponseOutparam.set(out, { tag: 'ok', val: answer });
      await waits;
      await body.write().blockingWriteAndFlush(bytes(`${read}, out`));
      OutgoingBody.finish(body, undefined);
    },
  );
  expect(response.status).toBe(202);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  goOn();
  expect(await response.text()).toBe('in, out');
});

test('a body that is not finished, or not as long as promised, is no body', async () => {
  const unfinished = await ask(new Request('http://h/'), (_request, out) => {
    const answer = new OutgoingResponse(new Fields());
    answer.body();
    ResponseOutparam.set(out, { tag: 'ok', val: answer });
  });
  await expect(unfinished.text()).rejects.toThrow(/did not finish the body/);
  const short = await ask(new Request('http://h/'), async (_request, out) => {
    const answer = new OutgoingResponse(Fields.fromList([['content-length', bytes('5')]]));
    const body = answer.body();
    ResponseOutparam.set(out, { tag: 'ok', val: answer });
    await body.write().blockingWriteAndFlush(bytes('abc'));
    expect(await codeOf(() => OutgoingBody.finish(body, undefined))).toEqual({
      tag: 'HTTP-response-body-size',
      val: 3n,
    });
  });
  await expect(short.text()).rejects.toThrow(/HTTP-response-body-size/);
});

test('a guest that fails, answers an error, or does not answer at all rejects', async () => {
  await expect(
    ask(new Request('http://h/'), () => {
      throw new Error('trap');
    }),
  ).rejects.toThrow('trap');
  const error = ask(new Request('http://h/'), (_request, out) =>
    ResponseOutparam.set(out, { tag: 'err', val: { tag: 'loop-detected' } }),
  );
  await expect(error).rejects.toMatchObject({ payload: { tag: 'loop-detected' } });
  await expect(ask(new Request('http://h/'), () => undefined)).rejects.toThrow(/returned without an answer/);
  expect(() => serve('http://h/' as unknown as Request, undefined, async () => undefined)).toThrow(
    /expected a Request, got string/,
  );
});

test('a guest whose reader has gone is told so', async () => {
  let code: unknown;
  const response = await ask(new Request('http://h/'), async (_request, out) => {
    const answer = new OutgoingResponse(new Fields());
    const body = answer.body();
    ResponseOutparam.set(out, { tag: 'ok', val: answer });
    const stream = body.write();
    code = await codeOf(async () => {
      for (let n = 0; n < 100; n++) await stream.blockingWriteAndFlush(new Uint8Array(100_000));
    });
  });
  await response.body!.cancel();
  await expect.poll(() => code).toEqual({ tag: 'closed' });
});

test('a body that breaks on its way in is an error with its code', async () => {
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
    },
  });
  const stream = new IncomingBody(broken).stream();
  const payload = (await codeOf(stream.blockingRead(1n))) as { tag: string; val: IoError };
  expect(payload.tag).toBe('last-operation-failed');
  expect(payload.val.httpCode).toEqual({ tag: 'connection-terminated' });
});

test('a guest cannot make the host keep more than so much of headers and bodies', async () => {
  const quota = new Quota();
  const fill = (): unknown[] => {
    const kept = [];
    for (let n = 0; n < 1_000; n++) {
      const fields = new Fields(quota);
      fields.append('a', new Uint8Array(100_000).fill(65));
      kept.push(fields);
    }
    return kept;
  };
  expect(fill).toThrow('bytes of headers and unsent bodies');
  expect(() => new Fields(quota).append('a', new Uint8Array(100_000).fill(65))).toThrow(RangeError);
  quota.reset();
  const dropped = new Fields(quota);
  for (let n = 0; n < 100; n++) dropped.set('a', [new Uint8Array(100_000).fill(65)]);
  dropped[Symbol.dispose]();
  expect(quota.left).toBe(4 << 20);
  const requests: OutgoingRequest[] = [];
  const code = await codeOf(() => {
    for (let n = 0; n < 100; n++) {
      const request = new OutgoingRequest(new Fields(quota));
      const stream = request.body().write();
      for (let part = 0; part < 4; part++) stream.write(new Uint8Array(Number(stream.checkWrite())));
      requests.push(request);
    }
  });
  expect(code).toMatchObject({ tag: 'last-operation-failed' });
  for (const request of requests) request[Symbol.dispose]();
  expect(quota.left).toBeGreaterThan(3 << 20);
});

test('a guest cannot make more than so many requests at once', async () => {
  const answers: (() => void)[] = [];
  const { handle } = outgoingHandler(
    () => new Promise((resolve) => answers.push(() => resolve(new Response()))),
  );
  for (let n = 0; n < 100; n++) handle(requestTo('http://a/'), undefined);
  expect(await codeOf(() => handle(requestTo('http://a/'), undefined))).toEqual({
    tag: 'connection-limit-reached',
  });
  answers[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  handle(requestTo('http://a/'), undefined);
});
