// Names that collide, that are reserved, and that every object inherits: all of them can be called and passed.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';

/** Each function's key, and what it answers: its name in WIT. */
const FUNCTIONS: [key: string, name: string, parameters?: number][] = [
  ['delete', 'delete', 1],
  ['new', 'new'],
  ['await', 'await'],
  ['default', 'default'],
  ['function', 'function', 1],
  ['arguments', 'arguments', 3],
  ['this', 'this'],
  ['null', 'null'],
  // An object with a `then` would be taken for a promise.
  ['then_', 'then'],
  ['toString', 'to-string'],
  ['valueOf', 'value-of'],
  ['hasOwnProperty', 'has-own-property'],
  ['prototype', 'prototype'],
  ['name', 'name'],
  ['length', 'length'],
  ['httpGet', 'HTTP-get'],
  ['v1X2', 'v1-x2'],
  ['exports', 'exports'],
  ['task', 'task'],
];

eachRuntime('names', ({ sandbox }) => {
  const opened = async () => (await sandbox('names')).context();

  test.each(FUNCTIONS)('a function of the key %s', async (key, name, parameters = 0) => {
    await using context = await opened();
    const { words } = context.exports;
    expect(Object.keys(words)).toContain(key);
    expect(await words[key](...Array(parameters).fill(1))).toBe(name);
  });

  test('fields, cases and flags', async () => {
    await using context = await opened();
    const { words } = context.exports;
    const reserved = { type: 1, list: 'l', class: true, constructor: 2, default: 3, proto: 4, length: 5 };
    expect(await words.echo(reserved)).toEqual(reserved);
    const cases = [{ tag: 'none' }, { tag: 'some', val: 3 }, { tag: 'null' }, { tag: 'await', val: 'x' }];
    expect(await words.keywords(cases)).toEqual(cases);
    for (const literal of ['true', 'false', 'undefined']) expect(await words.literals(literal)).toBe(literal);
    const switches = { delete: true, in: false, toString: true };
    expect(await words.switchesOf(switches)).toEqual(switches);
    // What every object inherits is not what was given.
    await expect(words.echo({ ...reserved, constructor: undefined })).rejects.toThrow(
      'args[0].constructor: expected',
    );
  });

  test('the world wins a short key; a full name always means itself', async () => {
    await using context = await opened();
    const { exports } = context;
    expect(await exports.shared()).toBe('of the world');
    expect(await exports['test:names/shared'].which()).toBe('shared');
    expect(await exports.sharedToo()).toBe('shared-too');
    expect(await exports.wordsToo.which()).toBe('words-too');
    expect(await exports['words-too'].which()).toBe('words-too');
  });

  test('of two interfaces with one short name neither has it, and the choices are told', async () => {
    await using context = await opened();
    const { exports } = context;
    expect(await exports['one:same/same'].which()).toBe('one');
    expect(await exports['two:same/same'].which()).toBe('two');
    expect(() => exports.same).toThrow("exports['one:same/same'], exports['two:same/same']");
  });
});
