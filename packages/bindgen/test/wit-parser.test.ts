// Owns the proof that whatever WIT the wit-parser crate is tested with is either typed, or refused in its words.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BindgenError, type GenerateOptions, generate } from '../src/index.js';
import { compile } from './compile.js';
import { type Case, cases, failing } from './wit-parser-data.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** WIT in WebAssembly's text format, which this package does not read. */
const isText = ({ name }: { name: string }) => name === 'kinds-of-deps' || name.endsWith('.wat');

/** All that was generated, by path. */
const generated = new Map<string, string>();
let worlds = 0;

/** What must not be: a world that is refused. */
const refused: string[] = [];

async function typed(name: string, options: Omit<GenerateOptions, 'out' | 'check'>): Promise<void> {
  try {
    await typedOrRefused(name, options);
  } catch (error) {
    refused.push(`${name}, world ${options.world}: ${(error as Error).message}`);
  }
}

/** The feature that the examples switch on, where they mark something with it. */
function featuresOf(path: string): string[] {
  const paths = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
    : [path];
  const isMarked = paths
    .filter((each) => each.endsWith('.wit'))
    .some((each) => /feature\s*=\s*active\b/.test(readFileSync(each, 'utf8')));
  return isMarked ? ['active'] : [];
}

async function typedOrRefused(name: string, options: Omit<GenerateOptions, 'out' | 'check'>): Promise<void> {
  worlds += 1;
  const folder = `/${worlds}-${name}`;
  for (const guest of [false, true]) {
    const { files } = await generate({
      ...options,
      features: featuresOf(String(options.wit)),
      guest,
      out: folder,
      check: true,
    });
    // One project has one such file; here each gets modules of its own.
    const apart = (text: string) => text.replaceAll(/(declare module |from )'(?!@hl)/g, `$1'${worlds}/`);
    for (const { path, text } of files) generated.set(path, guest ? apart(text) : text);
  }
}

/** Worlds that import, export, or do both with all interfaces that a case declares. */
function worldsAround({ path, interfaces }: Case): string {
  const folder = mkdtempSync(join(tmpdir(), 'hl-bindgen-'));
  folders.push(folder);
  if (statSync(path).isDirectory()) {
    cpSync(path, join(folder, 'deps/case'), {
      recursive: true,
      filter: (from) => from !== join(path, 'deps'),
    });
    if (existsSync(join(path, 'deps'))) cpSync(join(path, 'deps'), join(folder, 'deps'), { recursive: true });
  } else cpSync(path, join(folder, 'deps/case.wit'));
  // With a percent sign, no name is taken for a keyword.
  const escaped = (name: string) => name.replace(/^(.*):(.*)\//, '%$1:%$2/%');
  const all = (verb: string) => interfaces.map((name) => `  ${verb} ${escaped(name)};\n`).join('');
  const around = [all('import'), all('export'), all('import') + all('export')];
  const text = around.map((items, index) => `world around-${index} {\n${items}}\n`).join('');
  writeFileSync(join(folder, 'world.wit'), `package hl:around;\n${text}`);
  return folder;
}

test('each world has types for both sides', async () => {
  expect(cases.length).toBeGreaterThan(70);
  for (const one of cases.filter((one) => !isText(one))) {
    for (const world of one.worlds) await typed(one.name, { wit: one.path, world });
    if (one.interfaces.length === 0) continue;
    const folder = worldsAround(one);
    for (const index of [0, 1, 2]) await typed(one.name, { wit: folder, world: `around-${index}` });
  }
  expect(refused).toEqual([]);
  expect(worlds).toBeGreaterThan(250);
});

test('those types compile, in a strict program without the DOM', () => {
  expect(generated.size).toBe(worlds * 2);
  expect(compile([...generated.keys()], 'bundler', generated)).toEqual([]);
});

test('WebAssembly in text format is refused with the way out', async () => {
  for (const { path } of cases.filter(isText)) {
    await expect(generate({ wit: path, out: '/', check: true })).rejects.toThrow('wasm-tools parse');
  }
});

for (const { name, path, message, place } of failing) {
  test(`${name} is refused as wit-parser refuses it: ${message}`, async () => {
    const error = await generate({ wit: path, features: featuresOf(path), out: '/', check: true }).catch(
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(BindgenError);
    expect((error as Error).message).toContain(message);
    if (place !== undefined) expect((error as Error).message).toContain(`${place}: `);
  });
}
