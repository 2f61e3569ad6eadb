// Owns the proof that any world has types: random ones, whose interfaces lend each other types and resources.
import { expect, test } from 'vitest';
import { BindgenError, generate } from '../src/index.js';
import { compile } from './compile.js';
import { inFolder, put } from './folder.js';
import { Random, randomWit } from './random-wit.js';

const WORLDS = 60;

/** Rules of WIT that random worlds break: what a world imports and exports must fit together. */
const BROKEN =
  /transitively depends on an interface in incompatible ways|contains a `borrow<T>`|already defined/;

test('random worlds have types for both sides that compile', () =>
  inFolder({}, async () => {
    const seed = Number(process.env.HL_SEED ?? Date.now() % 2 ** 31);
    const random = new Random(seed);
    const texts = new Map<string, string>();
    const sources: string[] = [];
    while (sources.length < WORLDS) {
      const wit = randomWit(random);
      put('all.wit', wit);
      const number = sources.length;
      const made: [string, string][] = [];
      try {
        for (const guest of [false, true]) {
          const { files } = await generate({ wit: 'all.wit', out: `/${number}`, check: true, guest });
          const apart = (text: string) =>
            text.replaceAll(/(declare module |from )'(?!@hl)/g, `$1'${number}/`);
          for (const { path, text } of files) made.push([path, guest ? apart(text) : text]);
        }
      } catch (error) {
        if (error instanceof BindgenError && BROKEN.test(error.message)) continue;
        throw new Error(`HL_SEED=${seed}\n${wit}`, { cause: error });
      }
      for (const [path, text] of made) texts.set(path, text);
      sources.push(wit);
    }
    const said = compile([...texts.keys()], 'bundler', texts);
    const [first] = said;
    const number = Number(/^\/(\d+)\//.exec(first ?? '')?.[1] ?? 0);
    expect(said.slice(0, 5), `HL_SEED=${seed}\n${first === undefined ? '' : sources[number]}`).toEqual([]);
  }));

test('an exported class gives way to a used type that is called like it', () =>
  inFolder({}, async () => {
    put(
      'all.wit',
      `package a:b;
interface lent { record item-class { x: u8 } }
interface stock { use lent.{item-class}; resource item { constructor(); get: func() -> item-class; } }
world w { import lent; export stock; }`,
    );
    const { files } = await generate({ wit: 'all.wit', out: '/gives-way', check: true, guest: true });
    const texts = new Map(files.map(({ path, text }) => [path, text]));
    expect(compile([...texts.keys()], 'bundler', texts)).toEqual([]);
  }));
