// Shows that the world for QuickJS goes together with whatever WASI the author's own world names.
import { expect, test } from 'vitest';
import type { WorldDescriptor } from './descriptor.js';
import { quickjsWit, wasiSpecifier } from './quickjs-world.js';

const descriptor: WorldDescriptor = {
  version: 1,
  name: 'test:w/import@1.0.0',
  types: [],
  imports: [],
  exports: [],
};
const world = (wit: string) => ({ wit, descriptor });

test('the author’s world is included by its plain name, a keyword too', () => {
  expect(quickjsWit(world('package test:w@1.0.0;'))).toContain('include %import;');
});

test.each([
  ['', '0.2.0'],
  ['package wasi:random@0.2.0 {}', '0.2.1'],
  ['package wasi:cli@0.2.1 {}\npackage wasi:io@0.2.0 {}', '0.2.2'],
  ['package wasi:cli@0.2.01-rc {}', '0.2.0'],
])('beside "%s" WASI is named as %s', (wit, version) => {
  expect(wasiSpecifier('random', world(wit))).toBe(`wasi:random/random@${version}`);
});
