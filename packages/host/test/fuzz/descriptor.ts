// What is fuzzed of an artifact: its header, and what is made of the descriptor in it.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Codecs } from '../../src/codec/compile.ts';
import { FunctionCodec } from '../../src/codec/functions.ts';
import {
  ARTIFACT_FORMAT,
  DamagedArtifact,
  type Expected,
  parseArtifact,
  parseHeader,
} from '../../src/component/artifact.ts';
import type { WorldDescriptor } from '../../src/descriptor.ts';
import { Numbers } from './numbers.ts';
import type { FuzzTarget } from './target.ts';

const EXPECTED: Expected = { hash: 'h', config: 'c' };
const PREFIX = Buffer.from('HLC\0\0\0\0\x02\0\0\0\0', 'latin1');
const FILE_BYTES = 16_384;

/** One input of so many is the header's text: most of those are no JSON, and end there. */
const TEXT_ONE_IN = 16;

const OFFSETS = [8192, 8192, 8192, 4096, 0, 16_384, 1, -4096, 2 ** 53, 0.5, '8192', null];

const KINDS = [
  'record',
  'tuple',
  'variant',
  'enum',
  'flags',
  'option',
  'result',
  'list',
  'fixed-list',
  'map',
  'alias',
  'own',
  'borrow',
  'resource',
  'stream',
  'nothing',
];

const PRIMITIVES = ['u8', 'string', 'char', 'f64', 's64', 'bool', 'error-context', 'toString', -1, 0.5, null];

/** A type or a primitive; also types that are not there, and that come later. */
function ref(numbers: Numbers): unknown {
  const number = numbers.below(256);
  return number < 160 ? number % 12 : PRIMITIVES[number % PRIMITIVES.length];
}

const named = (numbers: Numbers): object[] =>
  Array.from({ length: numbers.below(4) }, (_, index) => ({ name: `n${index}`, type: ref(numbers) }));

function type(numbers: Numbers): object {
  const items = named(numbers);
  return {
    kind: KINDS[numbers.below(KINDS.length)],
    name: 'x',
    type: ref(numbers),
    ok: ref(numbers),
    key: 'string',
    value: ref(numbers),
    length: 2 ** numbers.below(40),
    resource: ref(numbers),
    fields: items,
    cases: items,
    flags: items,
    types: items.map(() => ref(numbers)),
  };
}

function header(numbers: Numbers): Record<string, unknown> {
  const offset = () => OFFSETS[numbers.below(64)] ?? 8192;
  const name = numbers.below(8) === 0 ? 'a:b/c' : null;
  const funcs = [{ name: 'f', kind: 'function', params: named(numbers), result: ref(numbers), wit: '' }];
  const types: object[] = [];
  const numbersOfCode = { codeOffset: offset(), codeBytes: offset(), textOffset: 4096, textBytes: 4096 };
  while (!numbers.isOver && types.length < 12) types.push(type(numbers));
  return {
    format: ARTIFACT_FORMAT,
    config: EXPECTED.config,
    componentSha256: EXPECTED.hash,
    ...numbersOfCode,
    codeChecksum: '0123456789abcdef',
    wasi: [],
    wit: '',
    descriptor: {
      version: 1,
      name: 'n',
      types,
      imports: [],
      exports: [{ name, functions: funcs, types: [] }],
    },
  };
}

/** The first byte says whether the rest is text, or numbers that a header is made of. */
export const descriptor: FuzzTarget = {
  name: 'descriptor',
  inputBytesMax: 600,
  seeds() {
    const bytes = (seed: number) => Uint8Array.from({ length: 60 }, (_, index) => 1 + ((index * seed) % 251));
    const numbers = Array.from({ length: 16 }, (_, seed) => bytes(seed * 7 + 1));
    const text = new TextEncoder().encode(`\0${JSON.stringify(header(new Numbers(bytes(5))))}`);
    return [...numbers, text];
  },
  run(input) {
    const isText = (input[0] ?? 0) % TEXT_ONE_IN === 0;
    let world: WorldDescriptor;
    try {
      world = isText ? ofText(input.subarray(1)) : ofNumbers(input.subarray(1));
    } catch (error) {
      if (error instanceof DamagedArtifact) return;
      throw error;
    }
    use(world);
  },
};

/** What stands around it is made right, for hardly an input would get past it. */
function ofText(text: Uint8Array): WorldDescriptor {
  const start = Buffer.from(PREFIX);
  start.writeUInt32LE(text.length, 8);
  const bytes = Buffer.concat([start, text, createHash('sha256').update(text).digest()]);
  return parseArtifact('file', bytes, FILE_BYTES, EXPECTED).descriptor;
}

const ofNumbers = (input: Uint8Array): WorldDescriptor =>
  parseHeader(header(new Numbers(input)), EXPECTED, FILE_BYTES).descriptor;

/** A checksum stands before it, so it may throw what it likes, but neither run for ever nor out of stack. */
function use(world: WorldDescriptor): void {
  try {
    const codecs = new Codecs(world.types);
    for (const one of [...world.imports, ...world.exports]) {
      for (const each of one.functions) FunctionCodec.of(codecs, each);
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
  }
}
