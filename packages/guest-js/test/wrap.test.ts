// Shows core modules that become components, under the names that languages give their functions, and those that cannot.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { GuestBuildError, wrapModule } from '@hl/guest-js';
import { expect, test } from 'vitest';
import { loadComponent } from './support/run.js';
import { scratch } from './support/scratch.js';

const WIT = `package test:wrap@1.0.0;
interface sums { add-up: func(one: u32, other: u32) -> u32; half: func(of: f64) -> f64; }
interface notes { note-it: func(value: u32); }
world w { import notes; import log: func(code: s32); export sums; export twice: func(value: s64) -> s64; }
interface doors { resource door { size: func() -> u32; } open: func(at: u32) -> door; }
interface tallies { resource tally { constructor(start: u32); sum: func() -> u32; } gone: func() -> u32; }
world things { import doors; export tallies; }
world text { export shout: func(text: string) -> string; }
`;

const MODULE = (names: { add: string; half: string; from: string; note: string }) => `(module
  (import "${names.from}" "${names.note}" (func $note (param i32)))
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1)
  (func (export "${names.add}") (param i32 i32) (result i32)
    local.get 0 local.get 1 i32.add call $note
    local.get 0 local.get 1 i32.add)
  (func (export "${names.half}") (param f64) (result f64) local.get 0 f64.const 0.5 f64.mul)
  (func (export "twice") (param i64) (result i64)
    i32.const -7 call $log
    local.get 0 i64.const 2 i64.mul))`;

const SNAKE = { add: 'add_up', half: 'half', from: 'env', note: 'note_it' };

async function wrapped(wat: string, world = 'w'): Promise<Uint8Array> {
  const folder = scratch({ 'wit/world.wit': WIT });
  const module = join(folder, 'module.wasm');
  writeFileSync(module, await parse(wat));
  return wrapModule({ module, wit: join(folder, 'wit'), world });
}

async function refusal(wat: string, world?: string): Promise<string> {
  const error = await wrapped(wat, world).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GuestBuildError);
  return (error as Error).message.replaceAll(/[^\s(]*hl-guest-test-\w+\//g, '');
}

test.each([
  [
    'with the world’s own names',
    {
      ...SNAKE,
      add: 'test:wrap/sums@1.0.0#add-up',
      half: 'test:wrap/sums@1.0.0#half',
      from: 'test:wrap/notes@1.0.0',
      note: 'note-it',
    },
  ],
  ['of a language without dashes', SNAKE],
  ['in camel case', { ...SNAKE, add: 'addUp', note: 'noteIt' }],
  ['with the interface in front', { ...SNAKE, add: 'sums_add_up', half: 'sums_half' }],
])('a module %s becomes a component', async (_, names) => {
  const seen: number[] = [];
  const instantiate = await loadComponent(await wrapped(MODULE(names)));
  const { exports } = await instantiate({
    'test:wrap/notes': { noteIt: (value: number) => seen.push(value) },
    log: { default: (code: number) => seen.push(code) },
  });
  expect(exports.sums.addUp(4_000_000_000, 5)).toBe(4_000_000_005);
  expect(exports.sums.half(3)).toBe(1.5);
  expect(exports.twice(-3n)).toBe(-6n);
  expect(seen).toEqual([4_000_000_005, -7]);
});

test('a function that is not there is named with its type and the names that it may have', async () => {
  const message = await refusal(MODULE({ ...SNAKE, add: 'plus', half: 'halve' }));
  expect(message).toBe(`module.wasm does not export what the world asks for; it exports plus, halve, twice
  test:wrap/sums@1.0.0: add-up: func(one: u32, other: u32) -> u32
    as test:wrap/sums@1.0.0#add-up or add-up or add_up or addUp or sums_add_up
  test:wrap/sums@1.0.0: half: func(of: f64) -> f64
    as test:wrap/sums@1.0.0#half or half or sums_half`);
});

test('a function of another type is named with both', async () => {
  const wat = MODULE(SNAKE)
    .replace('(param i64) (result i64)', '(param i32) (result i64)')
    .replace('local.get 0 i64.const 2 i64.mul', 'i64.const 2');
  expect(await refusal(wat)).toMatch(/module does not implement the world: .*twice[\s\S]*I64[\s\S]*I32/);
});

test('what the world does not offer cannot be imported', async () => {
  expect(await refusal(MODULE({ ...SNAKE, note: 'shout' }))).toMatch(
    /module\.wasm imports what the world does not offer:\n {2}env\.shout\n {4}is not in the world/,
  );
  const preview1 =
    '(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))';
  const all = preview1.replace(/\)$/, '(func (export "shout")))');
  expect(await refusal(all, 'text')).toMatch(/fd_write\n {4}is WASI 0\.1: build for wasm32-wasip2/);
});

const THINGS = (resource = 'tally') => `(module
  (import "test:wrap/doors@1.0.0" "open" (func $open (param i32) (result i32)))
  (import "test:wrap/doors@1.0.0" "[method]door.size" (func $size (param i32) (result i32)))
  (import "test:wrap/doors@1.0.0" "[resource-drop]door" (func $close (param i32)))
  (import "[export]test:wrap/tallies@1.0.0" "[resource-new]tally" (func $new (param i32) (result i32)))
  (import "[export]test:wrap/tallies@1.0.0" "[resource-rep]tally" (func $rep (param i32) (result i32)))
  (import "[export]test:wrap/tallies@1.0.0" "[resource-drop]${resource}" (func $drop (param i32)))
  (memory (export "memory") 1)
  (global $gone (mut i32) (i32.const 0))
  (global $first (mut i32) (i32.const 0))
  (func (export "test:wrap/tallies@1.0.0#[constructor]tally") (param i32) (result i32)
    (local $door i32)
    (local.set $door (call $open (local.get 0)))
    (global.set $first (call $new (call $size (local.get $door))))
    (call $close (local.get $door))
    (if (i32.eqz (call $rep (global.get $first))) (then (call $drop (global.get $first)) unreachable))
    (global.get $first))
  (func (export "test:wrap/tallies@1.0.0#[method]tally.sum") (param i32) (result i32) (local.get 0))
  (func (export "test:wrap/tallies@1.0.0#[dtor]tally") (param i32) (global.set $gone (local.get 0)))
  (func (export "gone") (result i32) (global.get $gone)))`;

test('a module may use the canonical ABI’s own functions of the world’s resources', async () => {
  const seen: string[] = [];
  class Door {
    readonly at: number;
    constructor(at: number) {
      this.at = at;
    }
    size() {
      return this.at + 1;
    }
    [Symbol.dispose]() {
      seen.push(`closed ${this.at}`);
    }
  }
  const instantiate = await loadComponent(await wrapped(THINGS(), 'things'));
  const { exports } = await instantiate({ 'test:wrap/doors': { Door, open: (at: number) => new Door(at) } });
  const tally = new exports.tallies.Tally(6);
  expect(tally.sum()).toBe(7);
  expect(seen).toEqual(['closed 6']);
  tally[Symbol.dispose]();
  expect(exports.tallies.gone()).toBe(7);
});

test('functions of resources that the world does not have are refused', async () => {
  expect(await refusal(THINGS('bag'), 'things')).toMatch(/module\.wasm: .*bag/s);
  expect(
    await refusal(THINGS().replace('"[export]test:wrap/tallies', '"[export]test:wrap/bags'), 'things'),
  ).toMatch(
    /imports what the world does not offer:\n {2}\[export\]test:wrap\/bags@1\.0\.0\.\[resource-new\]tally\n {4}is not in/,
  );
});

test('text needs memory and an allocator, which is said', async () => {
  const wat = '(module (func (export "shout") (param i32 i32) (result i32) i32.const 0))';
  expect(await refusal(wat, 'text')).toMatch(/memory|cabi_realloc/);
});

test('what is no core module is told what it is', async () => {
  const folder = scratch({ 'wit/world.wit': WIT, 'text.wasm': '(module)' });
  const wit = join(folder, 'wit');
  await expect(wrapModule({ module: join(folder, 'text.wasm'), wit, world: 'w' })).rejects.toThrow(
    /is no WebAssembly/,
  );
  await expect(wrapModule({ module: join(folder, 'none.wasm'), wit, world: 'w' })).rejects.toThrow(
    /cannot be read.*ENOENT/,
  );
  const out = join(folder, 'out/plugin.wasm');
  writeFileSync(join(folder, 'module.wasm'), await parse(MODULE(SNAKE)));
  await wrapModule({ module: join(folder, 'module.wasm'), wit, world: 'w', out });
  await expect(wrapModule({ module: out, wit, world: 'w' })).rejects.toThrow(/is a component already/);
});
