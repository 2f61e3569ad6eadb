// Owns the proof that each WIT feature is printed as the goldens say. `HL_BLESS=1` rewrites them; read the diff.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GenerateOptions, generate } from '../src/index.js';

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

for (const feature of features) {
  const source = {
    wit: `${FEATURES}/${feature}`,
    world: WORLDS[feature],
    features: UNSTABLE[feature],
  };
  test(`${feature} is printed for the host`, () => check(source));
  test(`${feature} is printed for the plug-in`, () => check({ ...source, guest: true }));
}

test('with --emit js the constant is JavaScript, and the types are declarations', async () => {
  const out = mkdtempSync(join(tmpdir(), 'hl-bindgen-'));
  try {
    await generate({ wit: `${FEATURES}/results.wit`, out, emit: 'js' });
    const { results } = (await import(join(out, 'results.js'))) as {
      results: { descriptor: { name: string } };
    };
    expect(results.descriptor.name).toBe('feature:results/results');
    const declarations = readFileSync(join(out, 'results.d.ts'), 'utf8');
    const typescript = readFileSync(`${GOLDEN}/results.ts`, 'utf8');
    const head = (text: string) => text.split('\n').slice(4).join('\n').split('export const')[0];
    expect(head(declarations.replace('export declare const', 'export const'))).toBe(head(typescript));
    expect(declarations).toMatch(/export declare const results: World<ResultsImports, ResultsExports>;\n$/);
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
