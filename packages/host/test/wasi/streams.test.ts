// Owns the proof of waiting and of streams that are not files: polls, timers, stdin, and what ends them.
import { expect, test } from 'vitest';
import { clockInterfaces } from '../../src/wasi/clocks.js';
import { iteratorChunks, PulledSource } from '../../src/wasi/sources.js';
import { outputStream, Stdin } from '../../src/wasi/standard-streams.js';
import { InputStream, IoError } from '../../src/wasi/streams.js';
import { ALWAYS_READY, type Pollable, poll } from '../../src/wasi/waiting.js';
import { codeOf } from './folder.js';

interface MonotonicClock {
  now(): bigint;
  subscribeDuration(when: bigint): Pollable;
  subscribeInstant(when: bigint): Pollable;
}
const monotonic = (clocks: Parameters<typeof clockInterfaces>[0] = 'real'): MonotonicClock =>
  clockInterfaces(clocks)['wasi:clocks/monotonic-clock'] as MonotonicClock;
const wall = (clocks: Parameters<typeof clockInterfaces>[0]): { now(): unknown } =>
  clockInterfaces(clocks)['wasi:clocks/wall-clock'] as { now(): unknown };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const MS = 1_000_000n;

test('poll waits for the first of several, and answers all that are ready', async () => {
  const clock = monotonic();
  const before = clock.now();
  using long = clock.subscribeDuration(3_600_000n * MS);
  using short = clock.subscribeDuration(20n * MS);
  expect(await poll([long, short])).toEqual([1]);
  expect(clock.now() - before >= 20n * MS).toBe(true);
  expect(long.ready()).toBe(false);
  using due = clock.subscribeInstant(0n);
  expect(poll([due, long, short])).toEqual([0, 2]);
  expect(() => poll([])).toThrow(RangeError);
});

test('who waits for something that is dropped is let go, and no timer is left', async () => {
  const before = process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const pollable = monotonic().subscribeDuration(3_600_000n * MS);
  const waiting = pollable.block();
  pollable[Symbol.dispose]();
  await waiting;
  const after = process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  expect(after).toBeLessThanOrEqual(before);
});

test('clocks stand still, or are what the user says, and the monotonic one never goes back', () => {
  const frozen = monotonic('frozen');
  expect(frozen.now()).toBe(frozen.now());
  const times = [1_000.5, 2_000, 500, 3_000];
  const now = { now: () => times.shift()! };
  expect(wall(now).now()).toEqual({ seconds: 1n, nanoseconds: 500_000 });
  const clock = monotonic(now);
  expect([clock.now(), clock.now(), clock.now()]).toEqual([0n, 0n, 1_000n * MS]);
  expect(() => wall({ now: () => Number.NaN }).now()).toThrow(/wasi\.clocks\.now: expected milliseconds/);
});

test('stdin of text is there in each state from its start, and read on by each handle', async () => {
  const stdin = new Stdin('hello');
  expect(text(await stdin.stream().blockingRead(2n))).toBe('he');
  expect(text(await stdin.stream().blockingRead(9n))).toBe('llo');
  expect(await codeOf(stdin.stream().blockingRead(9n))).toEqual({ tag: 'closed' });
  stdin.stateEnded();
  expect(text(await stdin.stream().blockingRead(9n))).toBe('hello');
});

test('stdin that comes bit by bit is waited for, and read once', async () => {
  async function* lines() {
    yield 'one';
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield new Uint8Array([33]);
  }
  const stdin = new Stdin(lines());
  const stream = stdin.stream();
  using pollable = stream.subscribe();
  expect(await poll([pollable])).toEqual([0]);
  expect(text(await stream.read(2n))).toBe('on');
  stdin.stateEnded();
  const next = stdin.stream();
  expect(text(await next.blockingRead(9n))).toBe('e');
  expect(await next.read(9n)).toEqual(new Uint8Array(0));
  expect(text(await next.blockingRead(9n))).toBe('!');
  expect(await codeOf(next.blockingRead(9n))).toEqual({ tag: 'closed' });
});

test.each([
  ['a ReadableStream', () => new Response('text').body!],
  ['an iterable', () => ['te', 'xt']],
])('stdin may be %s', async (_name, given) => {
  const stream = new Stdin(given()).stream();
  let all = text(await stream.blockingRead(9n));
  if (all.length < 4) all += text(await stream.blockingRead(9n));
  expect(all).toBe('text');
});

test('a source that fails says so once, in our words, and is closed from then on', async () => {
  const chunks = iteratorChunks(
    (async function* () {
      yield 'x';
      throw new Error('the host knows why');
    })(),
  );
  const stream = new InputStream(new PulledSource(chunks, () => new IoError('it failed')));
  await stream.blockingRead(1n);
  const payload = (await codeOf(stream.blockingRead(1n))) as { tag: string; val: IoError };
  expect([payload.tag, payload.val.toDebugString()]).toEqual(['last-operation-failed', 'it failed']);
  expect(await codeOf(() => stream.read(1n))).toEqual({ tag: 'closed' });
});

test('what is written to stdout goes where it should, more than is permitted does not', async () => {
  const written: [number, string][] = [];
  const stream = outputStream(1, {
    write: (number, bytes) => void written.push([number, text(bytes)]),
    isReady: () => true,
    onChange: () => () => undefined,
  });
  await stream.blockingWriteAndFlush(new TextEncoder().encode('hello'));
  stream.writeZeroes(2n);
  expect(written).toEqual([
    [1, 'hello'],
    [1, '\0\0'],
  ]);
  const permitted = Number(stream.checkWrite());
  expect(() => stream.write(new Uint8Array(permitted + 1))).toThrow(/more than check-write permits/);
  await stream.blockingWriteAndFlush(new Uint8Array(permitted + 1));
  expect(written.length).toBe(4);
  stream[Symbol.dispose]();
  expect(await codeOf(() => stream.checkWrite())).toEqual({ tag: 'closed' });
});

test('a stream that is dropped while it is waited for lets the waiter go', async () => {
  const never = new PulledSource(
    { next: () => new Promise(() => undefined), cancel: () => undefined },
    () => new IoError(''),
  );
  const stream = new InputStream(never);
  const waiting = codeOf(stream.blockingRead(1n));
  await new Promise((resolve) => setImmediate(resolve));
  stream[Symbol.dispose]();
  expect(
    await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 1_000, 'still waiting'))]),
  ).not.toBe('still waiting');
  expect(ALWAYS_READY.isReady()).toBe(true);
});
