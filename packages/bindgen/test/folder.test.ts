// Owns the proof that odd files, folders and paths are answered with a sentence, and never with waiting or wrong code.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BindgenError, describe, generate } from '../src/index.js';
import { compile } from './compile.js';
import { inFolder, put } from './folder.js';

const SHOP = 'package acme:shop; world shop { export price: func(sku: string) -> u32; }';

async function refusal(wit: string): Promise<string> {
  const error = await describe({ wit }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BindgenError);
  return (error as BindgenError).message;
}

test('a folder may be named like a file, and hold folders that are', () =>
  inFolder({ 'shop.wit/world.wit': `${SHOP} interface`, 'good/shop.wit': SHOP }, async () => {
    mkdirSync('good/folder.wit');
    put('good/deps/dep.wit/a.wit', 'package x:y;');
    expect((await describe({ wit: 'good' })).descriptor.name).toBe('acme:shop/shop');
    expect(await refusal('shop.wit')).toMatch(/^shop\.wit\/world\.wit:1:84: expected an identifier/);
  }));

test('links are followed, and where they lead nowhere or round, that is said', () =>
  inFolder({ 'real/shop.wit': SHOP, 'real/deps/dep/a.wit': 'package x:y;' }, async () => {
    symlinkSync('real', 'linked');
    expect((await describe({ wit: 'linked' })).descriptor.name).toBe('acme:shop/shop');
    mkdirSync('wit/deps', { recursive: true });
    symlinkSync('../real/shop.wit', 'wit/shop.wit');
    symlinkSync('../../real/deps/dep', 'wit/deps/dep');
    expect((await describe({ wit: 'wit' })).descriptor.name).toBe('acme:shop/shop');
    symlinkSync('..', 'wit/deps/round');
    expect(await refusal('wit')).toContain('package `acme:shop` is defined in two different locations');
    symlinkSync('nowhere', 'real/lost.wit');
    expect(await refusal('real')).toBe('real/lost.wit: this file cannot be read (ENOENT)');
    symlinkSync('self.wit', 'self.wit');
    expect(await refusal('self.wit')).toContain('self.wit: ');
  }));

test('a pipe is not waited for', () =>
  inFolder({ 'wit/shop.wit': SHOP }, async () => {
    execFileSync('mkfifo', ['wit/pipe.wit', 'plugin.wasm']);
    expect(await refusal('wit')).toBe('wit/pipe.wit: this is no regular file');
    expect(await refusal('plugin.wasm')).toBe('plugin.wasm: this is no regular file');
  }));

test('a file that is far too long is not read', () =>
  inFolder({ 'wit/shop.wit': SHOP, 'plugin.wasm': '' }, async () => {
    truncateSync('plugin.wasm', 8 * 2 ** 30);
    expect(await refusal('plugin.wasm')).toMatch(
      /^plugin\.wasm: there are more than \d+ bytes to read here$/,
    );
    writeFileSync('wit/long.wit', '');
    truncateSync('wit/long.wit', 8 * 2 ** 30);
    expect(await refusal('wit')).toMatch(/^wit: there are more than \d+ bytes to read here$/);
  }));

test('what is not UTF-8 is refused, and a byte order mark is not', () =>
  inFolder({ 'a.wit': '' }, async () => {
    writeFileSync('a.wit', Buffer.from('package a:b; // \xe9t\xe9', 'latin1'));
    expect(await refusal('a.wit')).toBe('a.wit: this is not UTF-8, which WIT has to be');
    writeFileSync('a.wit', `\ufeff${SHOP}`);
    expect((await describe({ wit: 'a.wit' })).descriptor.name).toBe('acme:shop/shop');
  }));

test('a dependency may be a package in binary form', () =>
  inFolder({ 'wit/world.wit': 'package a:b; world w { import e:e/e; }' }, async () => {
    // `package e:e; interface e {}`, as wasm-tools writes it.
    mkdirSync('wit/deps');
    writeFileSync('wit/deps/e.wasm', await packageInBinaryForm());
    const { descriptor, wit } = await describe({ wit: 'wit' });
    expect(wit).toContain('import e:e/e;');
    expect(descriptor.name).toBe('a:b/w');
    writeFileSync('wit/deps/e.wasm', 'text');
    expect(await refusal('wit')).toMatch(/^wit\/deps\/e\.wasm: /);
  }));

test('a mistake is shown in its line, wherever that is', () =>
  inFolder({}, async () => {
    const cases: [string, string][] = [
      [
        'package a:b;\r\nworld w { import }\r\n',
        'a.wit:2:18: .*\n 2 \\| world w { import }\n   \\|                  \\^$',
      ],
      [
        'package a:b;\n\tworld w {\timport }',
        '2:19: .*\n 2 \\| \tworld w {\timport }\n   \\| \t {9}\t {7}\\^$',
      ],
      ['package a:b;\nworld w { /* é𝄞 */ import }', '2:28: .*\n 2 \\| .*\n   \\| {27}\\^$'],
      ['package', 'a.wit:1:8: .*\n 1 \\| package\n   \\| {8}\\^$'],
      [
        `package a:b;\nworld w { /*${'x'.repeat(500)}*/ import } // ${'y'.repeat(500)}`,
        '2:523: .*\n 2 \\| …x+\\*/ import } // y+…\n   \\| {42}\\^$',
      ],
      ['package a:b; /* \u001b[31m \u202e */ world', ' 1 \\| package a:b; /\\* \ufffd\\[31m \ufffd'],
      ['package a:b;\nworld w { import f: func(x: nope-nope); }', '2:29: .*\n.*\n {3}\\| {29}\\^{9}$'],
    ];
    for (const [wit, expected] of cases) {
      writeFileSync('a.wit', wit);
      expect(await refusal('a.wit')).toMatch(new RegExp(expected));
    }
  }));

test('a path cannot put code into what is written', () =>
  inFolder({}, async () => {
    const folder = "it's a\nconst folder = '*/ \u2028';";
    put(`${folder}/shop.wit`, SHOP);
    const { files } = await generate({ wit: folder, out: 'gen dir' });
    const [file] = files;
    const lines = readFileSync('gen dir/shop.ts', 'utf8').split(/[\n\u2028]/);
    expect(lines[0]).toMatch(/^\/\/ World acme:shop\/shop from it's a\ufffdconst/);
    expect(lines[1]).toContain("npx @hl/bindgen 'it'\\''s a");
    expect(lines[1]).toContain("--out 'gen dir'");
    expect(lines[2]).toBe('');
    expect(compile([`${process.cwd()}/${file?.path}`], 'bundler')).toEqual([]);
  }));

test('a comment cannot put code into what is written', () =>
  inFolder({}, async () => {
    const evil = [
      '*/ export const a = 1; /*',
      '\u2029export const b = 1;',
      '// @ts-ignore',
      '@ts-expect-error',
      '`{c}` </script>',
    ];
    const docs = (indent: string) => evil.map((line) => `${indent}/// ${line}\n`).join('');
    put(
      'a.wit',
      `package a:b;\n${docs('')}interface types { ${docs('  ')} type t = u8; }\n${docs('')}interface i { use types.{t};\n${docs('  ')}  f: func(t: t); }\n${docs('')}world w { import i; export i; }\n`,
    );
    for (const guest of [false, true]) {
      const { files } = await generate({ wit: 'a.wit', out: '/gen', guest, check: true });
      for (const { path, text } of files) {
        expect(compile([path], 'bundler', new Map([[path, text]]))).toEqual([]);
        for (const line of text.split(/[\n\r\u2028\u2029]/))
          expect(line).not.toMatch(/^\s*export const [ab]/);
        expect(text).not.toMatch(/^ *\*.*\*\/ export/m);
      }
    }
  }));

test('a world of thousands takes seconds', () =>
  inFolder({}, async () => {
    const many = Array.from({ length: 3000 }, (_, index) => index);
    const functions = many.map((n) => `do${n}: func(a: t${n}) -> t${n}; record t${n} { a: u8 }`).join('\n');
    const interfaces = many.map((n) => `interface i${n} { type t = u8; f: func(t: t); }`).join('\n');
    const imports = many.map((n) => `import i${n}; export i${n};`).join('\n');
    put(
      'a.wit',
      `package a:b; interface all { ${functions} } ${interfaces} world w { import all; ${imports} }`,
    );
    for (const guest of [false, true]) {
      const { files } = await generate({ wit: 'a.wit', out: '/gen', guest, check: true });
      expect(files[0]?.text).toContain('do2999(');
    }
  }));

test('two names that are one in JavaScript are refused, at the second', () =>
  inFolder({}, async () => {
    const cases: [string, string][] = [
      [
        'interface i { a1: func(); a-1: func(); } world w { import i; }',
        'interface `a:b/i`: `a1` and `a-1` are both `a1`',
      ],
      [
        'interface i { resource a1 { constructor(); } resource a-1 { constructor(); } } world w { export i; }',
        '`a1` and `a-1` are both `A1`',
      ],
      [
        'interface i { resource r { a1: func(); a-1: func(); } } world w { export i; }',
        'resource `r`: `a1` and `a-1` are both `a1`',
      ],
      [
        'interface i { record r { a1: u8, a-1: u8 } f: func(r: r); } world w { export i; }',
        'record `a:b/i.r`: `a1` and `a-1`',
      ],
      [
        'interface i { flags r { a1, a-1 } f: func(r: r); } world w { export i; }',
        'flags `a:b/i.r`: `a1` and `a-1`',
      ],
      ['world w { record r { a1: u8, a-1: u8 } export f: func(r: r); }', 'record `r`: `a1` and `a-1`'],
      [
        'world w { export a-1: func(); export a1: interface { f: func(); } }',
        'world `a:b/w`: `a1` and `a-1` are both `a1`',
      ],
      [
        'world w { import x: interface { resource r { prototype: static func(); } } }',
        'no JavaScript class can have a static function `prototype`',
      ],
    ];
    for (const [wit, expected] of cases) {
      const text = `package a:b; ${wit}`;
      put('wit/a.wit', text);
      const column = text.search(/a-1|prototype/) + 1;
      const error = await generate({ wit: 'wit', out: '/gen', check: true }).catch((reason) => reason);
      expect(error).toBeInstanceOf(BindgenError);
      expect(error.message).toContain(`wit/a.wit:1:${column}: `);
      expect(error.message).toContain(expected);
      expect(error.message).toMatch(/\n 1 \| package a:b; .*\n {3}\| +\^+$/);
    }
  }));

test('options of the wrong kind are named', async () => {
  for (const wit of ['', undefined, 5, {}, null]) {
    await expect(describe({ wit: wit as string })).rejects.toThrow(/^wit: name a WIT folder/);
  }
});

async function packageInBinaryForm(): Promise<Buffer> {
  const { data } = await import('./wit-parser-data.js');
  return readFileSync(`${data}/kinds-of-deps/deps/e.wasm`);
}
