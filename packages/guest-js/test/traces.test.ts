// Shows where a trap says it came from: the author's file, line and column, also in a package, also when minified.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, buildGuest, ENGINES } from '@hl/guest-js';
import { describe, expect, test } from 'vitest';
import { type Exports, loadComponent } from './support/run.js';
import { scratch } from './support/scratch.js';

const FILES = {
  'wit/world.wit': 'package test:traces; world w { export run: func(how: string) -> string; }',
  'node_modules/dep/package.json': '{ "name": "dep", "version": "1.0.0", "main": "index.js" }',
  'node_modules/dep/index.js': `// In CommonJS, as many packages are.
function check(value) {
  if (value === 'package')  throw new TypeError('not in the package');
  return value.nothing.here;
}
exports.check = check;
`,
  'src/thing.ts': `import { check } from 'dep';

interface Options {
  readonly deep: boolean;
}

export class Thing {
  constructor(private readonly options: Options) {}

  run(how: string): string {
    if (how === 'own') throw new RangeError(\`own, deep: \${this.options.deep}\`);
    if (how === 'raw') return new Error('raw').stack ?? '';
    const found: unknown = check(how);
    return String(found);
  }
}
`,
  'src/plugin.ts': `import { Thing } from './thing.js';

export function run(how: string): string {
  const options = { deep: true as boolean }; const thing: Thing = new Thing(options); return thing.run(how);
}
`,
};

async function build(options: Partial<BuildOptions>): Promise<{ folder: string; fresh(): Promise<Exports> }> {
  const folder = scratch(FILES);
  const at = (path: string) => join(folder, path);
  const { component } = await buildGuest({
    entry: at('src/plugin.ts'),
    wit: at('wit'),
    out: at('dist/plugin.wasm'),
    ...options,
  });
  const instantiate = await loadComponent(component);
  return {
    folder,
    fresh: async () => {
      const { exports, stderr } = await instantiate();
      return { ...exports, stderr: () => stderr().replaceAll(/[^\s(]*hl-guest-test-\w+\//g, '') };
    },
  };
}

/** `name (file:line:column)` of each frame. */
function framesIn(text: string): string[] {
  return [...text.matchAll(/^ {4}at (.*)$/gm)].map(([, frame]) => frame as string);
}

/** Engines point at different ends of the same call: any column between the two is right. */
function within([line, from, to]: readonly number[], frame: string | undefined): void {
  const [, at, column] = /:(\d+):(\d+)\)$/.exec(frame ?? '') ?? [];
  expect(Number(at), frame).toBe(line);
  expect(Number(column), frame).toBeGreaterThanOrEqual(from as number);
  expect(Number(column), frame).toBeLessThanOrEqual(to as number);
}

const OWN = [11, 24, 80];
const CALL = [4, 87, 108];

const ENGINE_LINES = '"stopped"\nRedirecting call to abort() to mozalloc_abort';

/** StarlingMonkey's tools compile the whole engine for a new world. */
const BUILD_MS = 300_000;

describe.each([
  { engine: 'quickjs', minify: false },
  { engine: 'quickjs', minify: true },
  { engine: 'starlingmonkey', minify: false },
] as const)('$engine, minify: $minify', ({ engine, minify }) => {
  expect(ENGINES).toContain(engine);
  const building = build({ engine, minify });

  test(
    'an error of the author’s own',
    async () => {
      const { run, stderr } = await (await building).fresh();
      expect(() => run('own')).toThrow();
      expect(stderr()).toMatch(/^run\(\) threw RangeError: own, deep: true\n {4}at run \(src\/thing\.ts:/);
      const frames = framesIn(stderr());
      expect(frames[1]).toMatch(/^run \(src\/plugin\.ts:/);
      expect(frames).toHaveLength(2);
      // In just these words, by which @hl/host knows what to leave out of a TrapError.
      const added = engine === 'starlingmonkey' ? ENGINE_LINES : '';
      expect(stderr().split(`${frames[1]}\n`)[1]?.trimEnd()).toBe(added);
      within(OWN, frames[0]);
      within(CALL, frames[1]);
    },
    BUILD_MS,
  );

  test('an error that a package throws, and one that the engine throws in a package', async () => {
    const { fresh } = await building;
    for (const [how, text, place] of [
      ['package', /TypeError: not in the package/, [3, 29, 69]],
      ['engine', /TypeError: .*(property|undefined)/, [4, 9, 28]],
    ] as const) {
      const { run, stderr } = await fresh();
      expect(() => run(how)).toThrow();
      expect(stderr()).toMatch(text);
      const frames = framesIn(stderr());
      expect(frames[0]).toMatch(/^check\d* \(node_modules\/dep\/index\.js:/);
      within(place, frames[0]);
      within([13, 28, 38], frames[1]);
      within(CALL, frames[2]);
    }
  });

  test('the map beside the component leads from the engine’s own positions to the same files', async () => {
    const { folder, fresh } = await building;
    const map = new SourceMap(JSON.parse(readFileSync(join(folder, 'dist/plugin.wasm.map'), 'utf8')));
    const [, line, column] = /guest\.js:(\d+):(\d+)/.exec((await fresh()).run('raw')) ?? [];
    const found = map.findOrigin(Number(line), Number(column)) as { fileName: string; lineNumber: number };
    expect(resolve(folder, 'dist', found.fileName)).toBe(join(folder, 'src/thing.ts'));
    expect(found.lineNumber).toBe(12);
    expect(dirname(found.fileName)).toBe('../src');
  });
});
