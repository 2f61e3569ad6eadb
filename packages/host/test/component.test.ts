// Loading components: sources, the cache, and the compiler's refusals, with a stand-in for the compiler.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { cacheFolder } from '../src/component/cache.ts';
import { AbortError, Component, ComponentError, InternalError, Sandbox } from '../src/index.ts';
import { componentOf } from './fake/compiler.ts';
import { createFake, type Fake, functionOf, installFake, world } from './fake/world.ts';

let fake: Fake;
beforeEach(() => {
  fake = installFake();
});

const bytes = componentOf(world);

function onDisk(): string {
  const path = join(tmpdir(), `component-${process.pid}.wasm`);
  writeFileSync(path, bytes);
  return path;
}

test('bytes, a path, a file URL and its text give the same component, compiled once', async () => {
  const path = onDisk();
  const url = pathToFileURL(path);
  const sources = [bytes, bytes.buffer as ArrayBuffer, Buffer.from(bytes), path, url, url.href];
  const hashes: string[] = [];
  for (const source of sources) hashes.push((await Component.load(source)).hash);
  expect(new Set(hashes).size).toBe(1);
  expect(fake.compiler.compilations()).toBe(1);
});

test('a component is given back as it is', async () => {
  const component = await Component.load(bytes);
  expect(await Component.load(component)).toBe(component);
});

test('the second create of the same component does not compile', async () => {
  const stages: string[] = [];
  for (const round of [1, 2]) {
    const sandbox = await createFake({ onProgress: ({ stage }) => stages.push(`${stage} ${round}`) });
    await sandbox.close();
  }
  expect(stages).toEqual(['compile 1', 'start 1', 'start 2']);
  expect(fake.compiler.compilations()).toBe(1);
});

test('bytes are copied: changing them afterwards changes nothing', async () => {
  const mine = bytes.slice();
  const loading = Component.load(mine);
  mine.fill(0);
  expect((await loading).hash).toBe((await Component.load(bytes)).hash);
});

test('concurrent loads of the same bytes share one compilation', async () => {
  await Promise.all([1, 2, 3].map(() => Component.load(bytes)));
  expect(fake.compiler.compilations()).toBe(1);
});

function replaceByPipe(path: string): void {
  unlinkSync(path);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
}

test.each([
  ['cut off', (path: string) => truncateSync(path, 70_000)],
  ['empty', (path: string) => truncateSync(path, 0)],
  ['something else', (path: string) => writeFileSync(path, 'x'.repeat(70_000))],
  ['a pipe', replaceByPipe],
])('a file in the cache that is %s is compiled anew', async (_name, damage) => {
  await Component.load(bytes);
  const [file] = readdirSync(cacheFolder());
  damage(join(cacheFolder(), file!));
  await Component.load(bytes);
  expect(fake.compiler.compilations()).toBe(2);
});

test('a folder in the place of a file in the cache is named', async () => {
  await Component.load(bytes);
  const path = join(cacheFolder(), readdirSync(cacheFolder())[0]!);
  unlinkSync(path);
  mkdirSync(path);
  const error = await Component.load(bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ComponentError);
  expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_CACHE', message: expect.stringContaining(path) });
});

describe('what is no source is refused', () => {
  test.each([
    ['https://example.com/plugin.wasm', 'cannot load from https://; fetch it first'],
    [new URL('http://example.com/'), 'cannot load from http://; fetch it first'],
    [7, 'expected a path, a file: URL, bytes or a Component, got number'],
    [null, 'got null'],
    ['', 'expected a path'],
  ])('%s', async (source, message) => {
    await expect(Component.load(source as never)).rejects.toThrow(message);
    await expect(Component.load(source as never)).rejects.toBeInstanceOf(TypeError);
  });

  test('a file that is not there', async () => {
    const error = await Component.load('./no/such.wasm').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_UNREADABLE', cause: { code: 'ENOENT' } });
  });

  test('a device, which has no end', async () => {
    const error = await Component.load('/dev/zero').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ code: 'ERR_HL_COMPONENT_UNREADABLE' });
  });
});

describe("the compiler's refusals", () => {
  test.each([
    ['invalid', 'ERR_HL_COMPONENT_INVALID', 'this is text, compile it with wasm-tools parse'],
    ['unsupported', 'ERR_HL_COMPONENT_UNSUPPORTED', 'gc is not supported'],
    ['abort', 'ERR_HL_COMPONENT_LIMIT', 'more memory than it may have'],
  ] as const)('%s', async (instead, code, message) => {
    const error = await Component.load(componentOf({ instead })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ComponentError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('an end without a reason is ours', async () => {
    const error = await Component.load(componentOf({ instead: 'garbage' })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InternalError);
    expect(error).toMatchObject({ message: expect.stringContaining('Segmentation fault') });
  });
});

describe('cancelling', () => {
  test('rejects at once and kills a compiler that nobody waits for', async () => {
    const abort = new AbortController();
    const hanging = componentOf({ instead: 'hang' });
    const both = [1, 2].map(() =>
      Component.load(hanging, { signal: abort.signal, onProgress: () => abort.abort('no') }),
    );
    for (const load of both) await expect(load).rejects.toMatchObject({ code: 'ERR_HL_ABORT', cause: 'no' });
  });

  test('of one load leaves the other its compilation', async () => {
    const abort = new AbortController();
    const other = Component.load(bytes);
    const cancelled = Component.load(bytes, { signal: abort.signal });
    abort.abort();
    await expect(cancelled).rejects.toBeInstanceOf(AbortError);
    expect((await other).exports.length).toBeGreaterThan(0);
  });
});

describe('what a component says of itself', () => {
  test('its imports are told apart: those that the VM serves, and those that it wants', async () => {
    const component = await Component.load(
      componentOf({
        imports: [
          { name: 'wasi:cli/stdout@0.2.0', functions: [functionOf('get-stdout', [])], types: [] },
          { name: 'acme:shop/stock', functions: [functionOf('count', ['u8'], 'u8')], types: [] },
        ],
        wasi: ['wasi:cli/stdout@0.2.0#get-stdout'],
      }),
    );
    expect(component.imports).toEqual([
      {
        interface: 'wasi:cli/stdout@0.2.0',
        name: 'get-stdout',
        wit: 'get-stdout: func()',
        servedBy: 'isolated',
      },
      { interface: 'acme:shop/stock', name: 'count', wit: 'count: func(p0: u8) -> u8', servedBy: 'host' },
    ]);
  });

  test('what an engine leaves behind is not shown and cannot be called', async () => {
    const init = functionOf('init', []);
    const params = ['shim', 'script', 'entry-path', 'disable-gc'].map((name) => ({
      name,
      type: 'string' as const,
    }));
    const component = componentOf({
      exports: [
        {
          name: null,
          functions: [{ ...init, params }, functionOf('greet', ['string'], 'string')],
          types: [],
        },
      ],
    });
    expect((await Component.load(component)).exports.map((one) => one.name)).toEqual(['greet']);
    const sandbox = await Sandbox.create({ component });
    expect(Object.keys(sandbox.exports)).toEqual(['greet']);
  });
});
