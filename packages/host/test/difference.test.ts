// Owns the proof that the first difference between two functions is named, for every kind of type.
import { describe, expect, test } from 'vitest';
import type { FunctionDescriptor, TypeDescriptor, TypeRef } from '../src/descriptor.js';
import { functionDifference } from '../src/world/difference.js';

/** A table whose last type is the one in question. */
type Table = readonly TypeDescriptor[];

const last = (types: Table): TypeRef => types.length - 1;
const taking = (types: Table): FunctionDescriptor => ({
  name: 'f',
  kind: 'function',
  params: [{ name: 'what', type: last(types) }],
  wit: 'f: func(what: t)',
});
const giving = (types: Table): FunctionDescriptor => ({
  name: 'f',
  kind: 'function',
  params: [],
  result: last(types),
  wit: 'f: func() -> t',
});

const record = (...fields: [string, TypeRef][]): TypeDescriptor => ({
  name: 'quote',
  kind: 'record',
  fields: fields.map(([name, type]) => ({ name, type })),
});
const variant = (...cases: [string, TypeRef?][]): TypeDescriptor => ({
  name: 'answer',
  kind: 'variant',
  cases: cases.map(([name, type]) => (type === undefined ? { name } : { name, type })),
});
const enumOf = (...names: string[]): TypeDescriptor => ({
  name: 'color',
  kind: 'enum',
  cases: names.map((name) => ({ name })),
});
const flags = (...names: string[]): TypeDescriptor => ({
  name: 'rights',
  kind: 'flags',
  flags: names.map((name) => ({ name })),
});

const CASES: readonly (readonly [string, Table, Table, string, string])[] = [
  [
    'a primitive',
    [{ kind: 'alias', type: 'u32' }],
    [{ kind: 'alias', type: 'u64' }],
    '',
    'u32 in the world, u64 in the component',
  ],
  [
    'another kind',
    [record(['a', 'u8'])],
    [enumOf('a')],
    '',
    'record `quote` in the world, enum `color` in the component',
  ],
  [
    'a field',
    [record(['a', 'u8'], ['b', 'u8'])],
    [record(['a', 'u8'], ['b', 's8'])],
    '.b',
    'u8 in the world, s8 in the component',
  ],
  [
    'a field that is missing',
    [record(['a', 'u8'], ['b', 'u8'])],
    [record(['a', 'u8'])],
    '',
    'the world alone has the field `b`',
  ],
  [
    'a field too many',
    [record(['a', 'u8'])],
    [record(['b', 'u8'], ['a', 'u8'])],
    '',
    'the component alone has the field `b`',
  ],
  [
    'the order of fields',
    [record(['a', 'u8'], ['b', 'u8'])],
    [record(['b', 'u8'], ['a', 'u8'])],
    '',
    'field 1 is `a` in the world, `b` in the component',
  ],
  [
    'a case',
    [variant(['a', 'u8'])],
    [variant(['a', 'string'])],
    '.a',
    'u8 in the world, string in the component',
  ],
  [
    "a case's payload",
    [variant(['a'], ['b', 'u8'])],
    [variant(['a'], ['b'])],
    '.b',
    'u8 in the world, nothing in the component',
  ],
  [
    'a case that is missing',
    [variant(['a'], ['b'])],
    [variant(['a'])],
    '',
    'the world alone has the case `b`',
  ],
  ['an enum', [enumOf('red', 'green')], [enumOf('red', 'blue')], '', 'the world alone has the case `green`'],
  [
    'the order of an enum',
    [enumOf('red', 'green')],
    [enumOf('green', 'red')],
    '',
    'case 1 is `red` in the world, `green` in the component',
  ],
  ['flags', [flags('read')], [flags('read', 'write')], '', 'the component alone has the flag `write`'],
  [
    'a tuple',
    [{ kind: 'tuple', types: ['u8', 'u8'] }],
    [{ kind: 'tuple', types: ['u8', 'bool'] }],
    '.1',
    'u8 in the world, bool in the component',
  ],
  [
    'a longer tuple',
    [{ kind: 'tuple', types: ['u8'] }],
    [{ kind: 'tuple', types: ['u8', 'u8'] }],
    '',
    'tuple<u8> in the world, tuple<u8, u8> in the component',
  ],
  [
    'an option',
    [{ kind: 'option', type: 'u8' }],
    [{ kind: 'option', type: 'char' }],
    '',
    'u8 in the world, char in the component',
  ],
  [
    'what is no option',
    [{ kind: 'option', type: 'u8' }],
    [{ kind: 'alias', type: 'u8' }],
    '',
    'option<u8> in the world, u8 in the component',
  ],
  [
    'a list',
    [{ kind: 'list', type: 'f32' }],
    [{ kind: 'list', type: 'f64' }],
    '[]',
    'f32 in the world, f64 in the component',
  ],
  [
    'a list of another length',
    [{ kind: 'fixed-list', type: 'u8', length: 4 }],
    [{ kind: 'fixed-list', type: 'u8', length: 5 }],
    '',
    'list<u8, 4> in the world, list<u8, 5> in the component',
  ],
  [
    'what such a list is of',
    [{ kind: 'fixed-list', type: 'u8', length: 4 }],
    [{ kind: 'fixed-list', type: 's8', length: 4 }],
    '[]',
    'u8 in the world, s8 in the component',
  ],
  [
    'a list without length',
    [{ kind: 'fixed-list', type: 'u8', length: 4 }],
    [{ kind: 'list', type: 'u8' }],
    '',
    'list<u8, 4> in the world, list<u8> in the component',
  ],
  [
    "a map's key",
    [{ kind: 'map', key: 'u8', value: 'u8' }],
    [{ kind: 'map', key: 'string', value: 'u8' }],
    '.key',
    'u8 in the world, string in the component',
  ],
  [
    "a map's value",
    [{ kind: 'map', key: 'u8', value: 'u8' }],
    [{ kind: 'map', key: 'u8', value: 'bool' }],
    '.value',
    'u8 in the world, bool in the component',
  ],
  [
    'ok',
    [{ kind: 'result', ok: 'u8', err: 'u8' }],
    [{ kind: 'result', ok: 's8', err: 'u8' }],
    '.ok',
    'u8 in the world, s8 in the component',
  ],
  [
    'err',
    [{ kind: 'result', ok: 'u8' }],
    [{ kind: 'result', ok: 'u8', err: 'u8' }],
    '.err',
    'nothing in the world, u8 in the component',
  ],
  [
    'a stream',
    [{ kind: 'stream', type: 'u8' }],
    [{ kind: 'stream' }],
    '',
    'u8 in the world, nothing in the component',
  ],
  [
    'a future',
    [{ kind: 'future', type: 'u8' }],
    [{ kind: 'future', type: 'u16' }],
    '',
    'u8 in the world, u16 in the component',
  ],
  [
    'a stream in place of a future',
    [{ kind: 'stream' }],
    [{ kind: 'future' }],
    '',
    'stream in the world, future in the component',
  ],
  [
    'a resource',
    [
      { kind: 'resource', name: 'bucket', owner: 'a:b/c@1.0.0' },
      { kind: 'own', resource: 0 },
    ],
    [
      { kind: 'resource', name: 'socket', owner: 'a:b/c@1.0.1' },
      { kind: 'own', resource: 0 },
    ],
    '',
    'own<a:b/c#bucket> in the world, own<a:b/c#socket> in the component',
  ],
  [
    'what is only lent',
    [
      { kind: 'resource', name: 'bucket' },
      { kind: 'own', resource: 0 },
    ],
    [
      { kind: 'resource', name: 'bucket' },
      { kind: 'borrow', resource: 0 },
    ],
    '',
    'own<bucket> in the world, borrow<bucket> in the component',
  ],
  [
    'the way to what lies deep',
    [
      record(['a', 'u8']),
      { kind: 'list', type: 0 },
      { kind: 'option', type: 1 },
      variant(['one', 2]),
      { kind: 'tuple', types: ['u8', 3] },
    ],
    [
      record(['a', 'u16']),
      { kind: 'list', type: 0 },
      { kind: 'option', type: 1 },
      variant(['one', 2]),
      { kind: 'tuple', types: ['u8', 3] },
    ],
    '.1.one[].a',
    'u8 in the world, u16 in the component',
  ],
];

describe('the first difference', () => {
  test.each(CASES)('%s', (_name, expected, actual, path, what) => {
    const sides = { expected, actual };
    expect(functionDifference(sides, taking(expected), taking(actual))).toBe(
      `parameter 'what'${path} differs: ${what}`,
    );
    expect(functionDifference(sides, giving(expected), giving(actual))).toBe(
      `the result${path} differs: ${what}`,
    );
    for (const same of [expected, actual]) {
      expect(
        functionDifference({ expected: same, actual: same }, taking(same), taking(same)),
      ).toBeUndefined();
    }
  });

  test('of functions themselves', () => {
    const sides = { expected: [], actual: [] };
    const none: FunctionDescriptor = { name: 'f', kind: 'function', params: [], wit: 'f: func()' };
    const two = { ...none, params: ['a', 'b'].map((name) => ({ name, type: 'u8' as const })) };
    expect(functionDifference(sides, none, two)).toBe(
      'it takes 0 parameters in the world, 2 in the component',
    );
    expect(functionDifference(sides, none, { ...none, async: true })).toBe(
      'it is async in the component alone',
    );
    expect(functionDifference(sides, { ...none, async: true }, none)).toBe('it is async in the world alone');
    expect(functionDifference(sides, none, { ...none, result: 'u8' })).toBe(
      'the result differs: nothing in the world, u8 in the component',
    );
  });

  test('is found in no time where types share their parts', () => {
    const pairs = Array.from({ length: 60 }, (_, index): TypeDescriptor => {
      const type: TypeRef = index === 0 ? 'u8' : index - 1;
      return { kind: 'tuple', types: [type, type] };
    });
    expect(
      functionDifference({ expected: pairs, actual: pairs }, taking(pairs), taking(pairs)),
    ).toBeUndefined();
    const text = functionDifference(
      { expected: pairs, actual: [...pairs, record()] },
      taking(pairs),
      taking([...pairs, record()]),
    );
    expect(text).toContain('tuple<tuple<tuple<tuple<…, …>, tuple<…, …>>');
    expect(text?.length).toBeLessThan(500);
  });

  test('is told in bounds where types are wide', () => {
    const row: TypeDescriptor = { kind: 'tuple', types: Array<TypeRef>(1000).fill('u8') };
    const square: TypeDescriptor = { kind: 'tuple', types: Array<TypeRef>(1000).fill(0) };
    const wide: Table = [row, square];
    const text = functionDifference({ expected: wide, actual: [row] }, taking(wide), taking([row]));
    expect(text?.length).toBeLessThan(10_000);
  });

  test('in a descriptor that is damaged is an error', () => {
    const endless: Table = [{ kind: 'list', type: 0 }];
    expect(() =>
      functionDifference({ expected: endless, actual: endless }, taking(endless), taking(endless)),
    ).toThrow('types nest deeper than 256');
  });
});
