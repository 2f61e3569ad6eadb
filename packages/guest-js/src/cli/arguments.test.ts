// Shows how the command's words are read, and what each mistake is told.
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.js';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));

test('everything has a name', () => {
  expect(
    parse('build a.ts --wit wit --world w -o a.wasm --engine starlingmonkey --minify --timeout 2.5 --watch'),
  ).toEqual({
    kind: 'watch',
    options: {
      entry: 'a.ts',
      wit: 'wit',
      world: 'w',
      out: 'a.wasm',
      engine: 'starlingmonkey',
      minify: true,
      timeoutMs: 2500,
    },
  });
});

test('quickjs is the engine when nothing is said', () => {
  expect(parse('build a.ts --wit wit --out a.wasm')).toMatchObject({
    kind: 'build',
    options: { engine: 'quickjs' },
  });
});

test('wrap takes a module and its WIT', () => {
  expect(parse('wrap a.wasm --wit wit --world w -o b.wasm')).toEqual({
    kind: 'wrap',
    options: { module: 'a.wasm', wit: 'wit', world: 'w', out: 'b.wasm' },
  });
});

test('--version asks for it, with a command or without', () => {
  expect(parse('--version')).toEqual({ kind: 'version' });
  expect(parse('build --version')).toEqual({ kind: 'version' });
});

test.each(['--help', 'build -h'])('"%s" asks for help', (line) => {
  expect(parse(line)).toEqual({ kind: 'help' });
});

test.each([
  ['', 'a command is missing'],
  ['make a.ts', 'no command make'],
  ['build', 'the module to begin with'],
  ['build a.ts b.ts', 'got b.ts besides'],
  ['build a.ts --out a.wasm', 'needs --wit'],
  ['build a.ts --wit wit', 'needs --out'],
  ['build a.ts --wit wit --out a.wasm --engine v8', 'got v8'],
  ['build a.ts --fast', '--fast'],
  ['wrap', 'wrap needs the module'],
  ['wrap a.wasm --wit wit -o b.wasm --engine quickjs', 'wrap has no option --engine'],
  ['build a.ts --wit wit --out a.wasm --timeout 0', 'above 0, got 0'],
  ['build a.ts --wit wit --out a.wasm --timeout soon', 'got soon'],
])('"%s" is told: %s', (line, message) => {
  expect(() => parse(line)).toThrow(message);
});
