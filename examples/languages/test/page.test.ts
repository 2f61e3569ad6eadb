// Owns the proof that docs/other-languages.md shows what is built here, and that its program prints what it says.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeWithKvm } from '../../../test/support/kvm.js';
import { languages } from '../src/languages.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, '../../docs/other-languages.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', words = '', text = '']) => ({ language, words, text }),
);

const textOf = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\bout\b/.test(entry.parentPath))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');

test.each([
  ['rust', 'rust'],
  ['c', 'c'],
  ['go', 'go'],
  ['python', 'python'],
])('what the page shows in %s is part of the example', (language, folder) => {
  const shown = blocks.filter((block) => block.language === language);
  expect(shown.length).toBeGreaterThan(0);
  const sources = textOf(folder);
  for (const { text } of shown) expect(sources).toContain(text);
});

test('the shell commands are those that build the examples', () => {
  const shown = blocks.filter(({ language, text }) => language === 'sh' && !/^np[mx] /m.test(text));
  expect(shown).toHaveLength(4);
  const scripts = ['rust', 'c', 'go', 'python'].map(textOf).join('\n');
  for (const { text } of shown) expect(scripts).toContain(text);
});

test('the versions that the page tells to install are those that the fixtures are built with', () => {
  const pins = readFileSync(join(root, '../../scripts/fixtures/tools.mjs'), 'utf8');
  const told = [...page.matchAll(/[\w-]+(?:@|==)\d+\.\d+\.\d+/g)].map(([pin]) => pin);
  expect(told.length).toBeGreaterThan(3);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const pin of told) {
    if (pin.startsWith('jco@')) expect(manifest.devDependencies['@bytecodealliance/jco']).toBe(pin.slice(4));
    else expect(pins).toContain(`'${pin}'`);
  }
  expect(readFileSync(join(root, 'go/go.mod'), 'utf8')).toContain('go.bytecodealliance.org/pkg v0.2.1');
  expect(page).toContain('`go.bytecodealliance.org/pkg` 0.2.1');
});

describeWithKvm('the program on the page', () => {
  const folder = join(root, 'out');
  const program = blocks.findIndex(({ words }) => words.trim() === 'host.mjs');

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'host.mjs'), blocks[program]?.text ?? '');
  });

  /** The engine that takes longest to compile is left out. */
  const few = languages.filter(({ name }) => !name.includes('starlingmonkey'));

  test.each(few)(
    'prints what the page says, with the plug-in in $name',
    ({ component }) => {
      writeFileSync(join(folder, 'ledger.wasm'), component());
      const { stdout, stderr } = spawnSync(process.execPath, ['host.mjs'], { cwd: folder, encoding: 'utf8' });
      expect({ stdout, stderr }).toEqual({ stdout: blocks[program + 1]?.text, stderr: '' });
    },
    300_000,
  );
});
