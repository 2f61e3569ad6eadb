// Owns the proof that no word which means something to JavaScript or TypeScript spoils what is generated.
import { expect, test } from 'vitest';
import { generate } from '../src/index.js';
import { compile } from './compile.js';
import { inFolder } from './folder.js';

const WORDS =
  `abstract accessor any apply arguments as assert asserts async await bind bigint boolean break buffer
  call caller case catch class const constructor continue console create date debugger declare default delete
  dispose do else enum error eval export exports extends false finally for from function get global global-this
  has-own-property if implements import in infer infinity instanceof interface intrinsic is is-prototype-of iterator
  key-of keyof length let map module name namespace na-n nan never new node null number object of out override
  package partial pick private process promise promise-like property-is-enumerable protected prototype public
  readonly record require require-resolve return satisfies set self static string super switch symbol then this
  throw to-json to-locale-string to-string true try type typeof uint8-array undefined unique unknown using
  value-of var void while window with world yield`.split(/\s+/);

const lines = (print: (word: string) => string) => WORDS.map((word) => print(`%${word}`)).join('\n');

/** Each word where WIT takes a name. */
const EVERYWHERE = `package words:words;
interface places {
  record fields { ${lines((word) => `${word}: u8,`)} }
  variant cases { ${lines((word) => `${word}(u8),`)} }
  enum names { ${lines((word) => `${word},`)} }
  flags bits { ${WORDS.slice(0, 32).map((word) => `%${word}`)} }
  all: func(${lines((word) => `${word}: u8,`)}) -> tuple<fields, cases, names, bits>;
}
interface functions { ${lines((word) => `${word}: func(${word}: u8);`)} }
interface types { ${lines((word) => `record ${word} { ${word}: u8 }`)}
  use-them: func(${lines((word) => `${word}: ${word},`)}); }
interface resources { ${lines((word) => `resource ${word} { constructor(${word}: u8); }`)} }
interface methods { resource thing { constructor(); ${lines((word) => `${word}: func(a: u8);`)} } }
interface statics {
  resource thing { constructor(); ${lines((word) => (word === '%prototype' ? '' : `${word}: static func();`))} }
}
world everywhere {
  import places; import functions; import types; import resources; import methods; import statics;
  export places; export functions; export types; export resources; export methods; export statics;
}
world inside {
  ${lines((word) => `import ${word}: interface { ${word}: func(); }`)}
  ${lines((word) => `export ${word}: interface { ${word}: func(); }`)}
}
world top {
  ${lines((word) => `import ${word}: func();`)}
  ${lines((word) => `export ${word}: func();`)}
}
${lines((word) => `world w${word.slice(1)} { export f: func(); }\ninterface ${word} { type ${word} = u8; }`)}
`;

test('each word can be a name anywhere in WIT', () =>
  inFolder({ 'words.wit': EVERYWHERE }, async () => {
    for (const world of ['everywhere', 'inside', 'top']) {
      const texts = new Map<string, string>();
      for (const guest of [false, true]) {
        const { files } = await generate({ wit: 'words.wit', world, guest, out: '/words', check: true });
        for (const { path, text } of files) texts.set(path, text);
      }
      expect(compile([...texts.keys()], 'bundler', texts)).toEqual([]);
    }
  }));

test('each word can be the name of a world', () =>
  inFolder({}, async () => {
    const texts = new Map<string, string>();
    for (const word of WORDS) {
      const world = `package words:words;\nworld %${word} { export f: func(); }`;
      await inFolder({ 'world.wit': world }, async () => {
        for (const guest of [false, true]) {
          const { files } = await generate({ wit: 'world.wit', out: `/${word}`, check: true, guest });
          for (const { path, text } of files) texts.set(path, text);
        }
      });
    }
    expect(compile([...texts.keys()], 'bundler', texts)).toEqual([]);
  }));
