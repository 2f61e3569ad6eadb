// Shows that resources of guests with QuickJS work under jco too, which knows no object with the number 0.
import { join } from 'node:path';
import { buildGuest } from '@hl/guest-js';
import { expect, test } from 'vitest';
import { loadComponent } from './support/run.js';
import { scratch } from './support/scratch.js';

const WIT = `package test:numbers;
interface boxes {
  resource box { constructor(text: string); text: func() -> string; }
  open: func(given: box) -> string;
  join: func(given: box, lent: borrow<box>) -> box;
  gone: func() -> list<string>;
}
world w { export boxes; }
`;

const SOURCE = `const gone: string[] = [];
class Box {
  constructor(readonly content: string) {}
  text() { return this.content; }
  [Symbol.dispose]() { gone.push(this.content); }
}
export const boxes = {
  Box,
  open: (given: Box) => given.content,
  join: (given: Box, lent: Box) => new Box(given.content + lent.content),
  gone: () => gone,
};
`;

test('the first object can be given, lent, given back and let go of, like any other', async () => {
  const folder = scratch({ 'src/plugin.ts': SOURCE, 'wit/world.wit': WIT });
  const { component } = await buildGuest({ entry: join(folder, 'src/plugin.ts'), wit: join(folder, 'wit') });
  const { exports } = await (await loadComponent(component))();
  const { Box, open, join: joined, gone } = exports.boxes;
  const [first, second] = [new Box('first'), new Box('second')];
  expect([first.text(), second.text()]).toEqual(['first', 'second']);
  const both = joined(first, second);
  expect(both.text()).toBe('firstsecond');
  expect(open(both)).toBe('firstsecond');
  second[Symbol.dispose]();
  expect(gone()).toEqual(['second']);
  expect(Object.keys(exports).sort()).toEqual(['boxes', 'test:numbers/boxes']);
});
