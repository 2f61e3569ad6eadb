// Owns the proof of the printing core: quoting, docs, blocks, imports, literals and the choice of names.
import { expect, test } from 'vitest';
import { Names } from '../src/allocate.js';
import { literal } from '../src/literal.js';
import { code, joined, key, ModuleText, quote, quoted } from '../src/printable.js';

test('text is quoted so that it reads back as itself', () => {
  for (const text of ['plain', "it's", '"so"', 'back\\slash', 'line\nend', '\u2028', 'é', '\0', '`$']) {
    expect(new Function(`return ${quote(text)}`)()).toBe(text);
  }
});

test('printables carry their own quoting', () => {
  const text = new ModuleText('m', []);
  text.print`${key('plain')}: ${quoted("it's")}, ${key('not-plain')}: ${joined(['a', code`b${'c'}`], ' | ')}`;
  expect(text.toString()).toBe("plain: 'it\\'s', 'not-plain': a | bc");
});

test('types of other modules are imported, under another name where theirs is taken', () => {
  const text = new ModuleText('here', ['Item']);
  const item = { kind: 'symbol', name: 'Item', module: 'there' } as const;
  text.print`${item} ${item} ${{ ...item, module: 'here' }} ${{ ...item, name: 'Other' }}`;
  expect(text.toString()).toBe(
    "import type { Item as Item2, Other } from 'there';\n\nItem2 Item2 Item Other",
  );
});

test('a comment cannot end before its end', () => {
  const text = new ModuleText('m', []);
  text.docs('one */ two');
  text.docs('first\n\nsecond', undefined, 'third', '@throws fourth');
  text.docs(undefined, ' ');
  expect(text.toString()).toBe(
    [
      '/** one *\\/ two */',
      '/**',
      ' * first',
      ' *',
      ' * second',
      ' *',
      ' * third',
      ' * @throws fourth',
      ' */',
    ].join('\n'),
  );
});

test('an empty block stays on its line', () => {
  const text = new ModuleText('m', []);
  text.block('interface A {', () => {});
  text.block('interface B {', () => text.line('c: 1;'));
  expect(text.toString()).toBe('interface A {}\ninterface B {\n  c: 1;\n}');
});

test('a literal is laid out in lines only where it does not fit', () => {
  expect(literal({ a: [1, 'b', null], 'c-d': {}, e: undefined })).toBe("{ a: [1, 'b', null], 'c-d': {} }");
  const long = 'x'.repeat(100);
  expect(literal({ a: [long, long] })).toBe(`{\n  a: [\n    '${long}',\n    '${long}',\n  ],\n}`);
});

test('no name depends on which declaration came first', () => {
  const wanted = [
    { id: 1, names: ['Item', 'StockItem'] },
    { id: 2, names: ['Item', 'OrdersItem'] },
    { id: 3, names: ['Map', 'StockMap'] },
    { id: 4, names: ['Plain'] },
    { id: 5, names: ['Same'] },
    { id: 6, names: ['Same'] },
  ];
  const assigned = new Names(['Map']).assign(wanted);
  expect([...assigned].sort()).toEqual([
    [1, 'StockItem'],
    [2, 'OrdersItem'],
    [3, 'StockMap'],
    [4, 'Plain'],
    [5, 'Same'],
    [6, 'Same2'],
  ]);
});
