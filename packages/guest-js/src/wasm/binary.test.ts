// Shows that the component is rewritten only where it is what we know, and that damage is an error.
import { expect, test } from 'vitest';
import { BinaryReader, sections, u32, withSections } from './binary.js';
import { hideExport } from './hide-export.js';
import { passWideIntegersAsText } from './quickjs-wide-integers.js';

const COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];
const name = (text: string) => [text.length, ...Buffer.from(text)];
const section = (id: number, ...body: number[]) => [id, body.length, ...body];
const aliasOf = (text: string) => [0x01, 0x00, 0x00, ...name(text)];
const exportOf = (text: string, index: number) => [0x00, ...name(text), 0x01, index, 0x00];

test.each([0, 127, 128, 16_384, 2 ** 28])('%i is written as it is read', (value) => {
  expect(new BinaryReader(Uint8Array.from(u32(value))).u32()).toBe(value);
});

test('sections are put back as they were', () => {
  const component = Uint8Array.from([...COMPONENT, ...section(0, 1, 2), ...section(11, 0)]);
  expect(withSections(component, sections(component))).toEqual(Buffer.from(component));
});

test('a section that is longer than the binary is an error', () => {
  expect(() => sections(Uint8Array.from([...COMPONENT, 0, 5, 1]))).toThrow(/ends in the middle/);
});

test('a hidden export leaves an alias behind, so that later indices stay', () => {
  const before = Uint8Array.from([
    ...COMPONENT,
    ...section(6, 2, ...aliasOf('a'), ...aliasOf('init')),
    ...section(11, 3, ...exportOf('a', 0), ...exportOf('init', 1), ...exportOf('b', 3)),
  ]);
  const after = Uint8Array.from([
    ...COMPONENT,
    ...section(6, 2, ...aliasOf('a'), ...aliasOf('init')),
    ...section(11, 1, ...exportOf('a', 0)),
    ...section(6, 1, ...aliasOf('init')),
    ...section(11, 1, ...exportOf('b', 3)),
  ]);
  expect(hideExport(before, 'init')).toEqual(Buffer.from(after));
  expect(hideExport(after, 'init')).toBe(after);
});

test('a component that does not pass values as ours do is refused', () => {
  expect(() => passWideIntegersAsText(Uint8Array.from(COMPONENT))).toThrow(
    /laid out the component differently/,
  );
});
