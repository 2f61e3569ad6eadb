// Owns the proof that what docs/compose.md shows of this example is what is tested here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, '../../docs/compose.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+).*\n([\s\S]*?)^```$/gm)].map(([, language, text = '']) => ({
  language,
  text,
}));

test('excerpts are parts of the example', () => {
  const sources = readdirSync(join(root, 'src'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n');
  const excerpts = blocks.filter(({ language }) => language === 'typescript');
  expect(excerpts).toHaveLength(3);
  for (const { text } of excerpts) expect(sources).toContain(text);
});

test('the command that composes is the one that builds the fixture, with the version that is told', () => {
  const script = readFileSync(join(root, 'rust/build.sh'), 'utf8');
  const shown = blocks.filter(({ language, text }) => language === 'sh' && !text.startsWith('npx @hl/'));
  expect(shown).toHaveLength(1);
  expect(script).toContain(shown[0]?.text);
  const pins = readFileSync(join(root, '../../scripts/fixtures/tools.mjs'), 'utf8');
  expect(pins).toContain(`'${/wac-cli@\d+\.\d+\.\d+/.exec(page)?.[0]}'`);
});
