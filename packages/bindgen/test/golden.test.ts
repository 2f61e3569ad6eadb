// Owns the proof that each WIT feature is printed as the goldens say. `HL_BLESS=1` rewrites them; read the diff.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GenerateOptions, generate } from '../src/index.js';
import { compile } from './compile.js';

const GOLDEN = 'packages/bindgen/test/golden';
const FEATURES = 'packages/bindgen/test/features';
const repository = join(import.meta.dirname, '../../..');
const written = new Set<string>();
const before = process.cwd();

// Headers name paths relative to the current folder.
beforeAll(() => process.chdir(repository));
afterAll(() => process.chdir(before));

async function check(options: Omit<GenerateOptions, 'out' | 'check'>): Promise<void> {
  const { files } = await generate({ ...options, out: GOLDEN, check: true });
  for (const { path, text } of files) {
    if (process.env.HL_BLESS !== undefined) writeFileSync(path, text);
    written.add(path);
    expect(text).toBe(readFileSync(path, 'utf8'));
  }
}

const features = readdirSync(join(repository, FEATURES)).sort();

/** The feature with several worlds. */
const WORLDS: Record<string, string> = { 'worlds.wit': 'worlds' };

/** The feature with unstable items. */
const UNSTABLE: Record<string, string[]> = { 'unstable.wit': ['draft'] };

const sources = features.map((feature) => ({
  wit: `${FEATURES}/${feature}`,
  world: WORLDS[feature],
  features: UNSTABLE[feature],
}));

for (const source of sources) {
  const name = basename(source.wit);
  test(`${name} is printed for the host`, () => check(source));
  test(`${name} is printed for the plug-in`, () => check({ ...source, guest: true }));
}

test('with --emit js the constants are JavaScript, and the types are declarations', async () => {
  const out = mkdtempSync(join(tmpdir(), 'hl-bindgen-'));
  try {
    for (const source of sources) {
      const { files, world } = await generate({ ...source, out, emit: 'js' });
      const [script, declarations] = files.map(({ path }) => path) as [string, string];
      const [constant] = Object.values((await import(script)) as Record<string, { descriptor: object }>);
      expect(constant?.descriptor).toMatchObject({ version: 1, name: world });
      const golden = readFileSync(join(GOLDEN, basename(script).replace(/\.js$/, '.ts')), 'utf8');
      const head = (text: string) =>
        text
          .split('\n')
          .slice(2)
          .join('\n')
          .split(/^export (declare )?const/m)[0];
      expect(head(readFileSync(declarations, 'utf8'))).toBe(head(golden));
    }
    const declarations = readdirSync(out).filter((name) => name.endsWith('.d.ts'));
    expect(declarations).toHaveLength(sources.length);
    expect(
      compile(
        declarations.map((name) => join(out, name)),
        'bundler',
      ),
    ).toEqual([]);
  } finally {
    rmSync(out, { recursive: true });
  }
});

test('there is no golden that no feature makes', () => {
  expect(
    readdirSync(join(repository, GOLDEN))
      .map((name) => `${GOLDEN}/${name}`)
      .sort(),
  ).toEqual([...written].sort());
});
