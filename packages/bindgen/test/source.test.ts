// Owns the proof of what worlds are read from, and of what is said when that fails.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { BindgenError, describe } from '../src/index.js';
import { inFolder } from './folder.js';

const features = join(import.meta.dirname, 'features');

async function message(wit: string, world?: string): Promise<string> {
  const error = await describe({ wit, world }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BindgenError);
  return (error as BindgenError).message;
}

test('a folder, a file, a URL and a component describe their world', async () => {
  const folder = await describe({ wit: join(features, 'versions') });
  expect(folder.descriptor.imports.map(({ name }) => name)).toContain('acme:stock/count@2.0.0');
  const url = pathToFileURL(join(features, 'records.wit'));
  expect((await describe({ wit: url })).descriptor.name).toBe('feature:records/records');
  const component = await describe({ wit: join(features, 'component.wasm') });
  expect(component.descriptor.name).toBe('root:component/root');
  expect(component.wit).toContain('import acme:shop/stock@1.0.0;');
});

test('docs and signatures come with the descriptor', async () => {
  const { descriptor } = await describe({ wit: join(features, 'docs.wit') });
  const [say] = descriptor.imports.find(({ name }) => name === 'feature:docs/texts')?.functions ?? [];
  expect(say).toMatchObject({ docs: 'Says something.', wit: 'say: func(line: line) -> result<_, string>' });
});

test('what is not there, or holds no WIT, is answered with where to look', () =>
  inFolder(
    { 'project/wit/a.wit': 'package a:b;', 'empty/README.md': '', 'only/deps/a.wit': 'package a:b;' },
    async () => {
      expect(await message('nothing')).toBe(
        'nothing: there is no such file or folder, name a WIT folder, a .wit file or a component (.wasm)',
      );
      expect(await message('project')).toBe(
        'project: there is no .wit file in this folder, did you mean project/wit?',
      );
      expect(await message('empty')).toBe(
        'empty: there is no .wit file in this folder, name the folder that holds the world',
      );
      expect(await message('only')).toMatch(/^only: there is no \.wit file in this folder/);
      expect(await message('project/wit')).toBe('project/wit: package `a:b` has no world');
    },
  ));

test('a URL that is no file is refused', async () => {
  await expect(describe({ wit: new URL('https://example.com/shop.wit') })).rejects.toThrow(
    'https://example.com/shop.wit: only file: URLs can be read',
  );
});

test('an error in a dependency names its file', () =>
  inFolder(
    { 'wit/a.wit': 'package a:b; world w {}', 'wit/deps/x/y.wit': 'package x:y;\nnonsense' },
    async () => {
      expect(await message('wit')).toMatch(/^wit\/deps\/x\/y\.wit:2:1: expected /);
    },
  ));

test('bytes that are no component are answered with what they are', () =>
  inFolder({ 'a.wasm': '(component)', 'b.wasm': '', 'c.wasm': '\0asm\x01\0\0\0' }, async () => {
    expect(await message('a.wasm')).toMatch(/^a\.wasm: this is text, a component in binary form is needed/);
    expect(await message('b.wasm')).toBe('b.wasm: the file is empty, a component is needed');
    expect(await message('c.wasm')).toMatch(/^c\.wasm: this is a core WebAssembly module/);
  }));

test('names that WIT tells apart and JavaScript does not are refused', () =>
  inFolder(
    { 'a.wit': 'package a:b; world w { export i: interface { a1: func(); a-1: func(); } }' },
    async () => {
      const { generate } = await import('../src/index.js');
      await expect(generate({ wit: 'a.wit', out: 'gen' })).rejects.toThrow(
        'interface `i`: `a1` and `a-1` are both `a1` in JavaScript, rename one',
      );
    },
  ));
