// Owns the proof that a component gets WASI's functions with WASI's types only: the table is the releases' WIT.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { descriptorOf } from '../../../../test/support/wit.ts';
import type { WorldDescriptor } from '../../src/descriptor.ts';
import { Sandbox } from '../../src/index.ts';
import { withoutVersion } from '../../src/names.ts';
import { grantingOf, requireWasi } from '../../src/wasi/grant.ts';
import { parseWasi } from '../../src/wasi/options.ts';
import { SIGNATURES } from '../../src/wasi/signature-table.ts';
import { componentOf } from '../fake/compiler.ts';
import { installFake } from '../fake/world.ts';
import { signatureText } from './signature-text.ts';

/** The packages whose sources carry the WIT, by the version of WASI; cargo fetches them for the runtime's tests. */
const RELEASES: readonly [version: string, folder: string][] = [
  ['0.2.0', 'wasi-0.13.0+wasi-0.2.0'],
  ['0.2.4', 'wasip2-1.0.0+wasi-0.2.4'],
  ['0.2.12', 'wasip2-2.0.1+wasi-0.2.12'],
];
const NEWEST = '0.2.12';

function witOf(folder: string): string | undefined {
  const registry = join(process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'), 'registry/src');
  const indices = existsSync(registry) ? readdirSync(registry) : [];
  return indices.map((index) => join(registry, index, folder, 'wit')).find((path) => existsSync(path));
}

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'hl-wit-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A world that imports all of a release, and answers HTTP requests. */
async function worldOf(version: string, wit: string): Promise<WorldDescriptor> {
  const folder = temporary();
  cpSync(join(wit, 'deps'), join(folder, 'deps'), { recursive: true });
  const items = [
    `include wasi:cli/imports@${version};`,
    `import wasi:http/types@${version};`,
    `import wasi:http/outgoing-handler@${version};`,
    `export wasi:http/incoming-handler@${version};`,
  ];
  writeFileSync(join(folder, 'all.wit'), `package test:all;\nworld all { ${items.join(' ')} }\n`);
  return (await descriptorOf(folder)) as WorldDescriptor;
}

const EVERYTHING = parseWasi({
  args: ['program'],
  clocks: 'frozen',
  env: {},
  http: () => new Response(''),
  preopens: {},
  stdin: '',
});

const requireIn = (world: WorldDescriptor): void => requireWasi(world, grantingOf(EVERYTHING, world)!);

for (const [version, folder] of RELEASES) {
  const wit = witOf(folder);
  if (wit === undefined) console.warn(`skipped: cargo has not fetched ${folder} on this machine`);

  test.skipIf(wit === undefined)(
    `every function of ${version} that the host serves is as the table says`,
    async () => {
      const world = await worldOf(version, wit!);
      requireIn(world);
      const names = SIGNATURES.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
      expect(names.length).toBeGreaterThan(15);
      if (version === NEWEST) expect(`${signatureText(world, names)}\n`).toBe(SIGNATURES);
      const granting = grantingOf(EVERYTHING, world)!;
      const served = world.imports.filter(({ functions, name }) =>
        functions.some((one) => granting.serves(name!, one.name)),
      );
      expect(names).toEqual(expect.arrayContaining(served.map(({ name }) => withoutVersion(name!))));
    },
  );
}

async function importing(pack: string, items: string): Promise<WorldDescriptor> {
  const file = join(temporary(), 'claims.wit');
  const [, name] = pack.split('/') as [string, string];
  writeFileSync(
    file,
    `package ${pack.split('/')[0]}@0.2.3;\ninterface ${name} { ${items} }\nworld claims { import ${name}; }\n`,
  );
  return (await descriptorOf(file)) as WorldDescriptor;
}

test.each([
  {
    what: 'flags that are a record of text',
    pack: 'wasi:filesystem/types',
    items: `enum error-code { access } flags path-flags { symlink-follow } flags descriptor-flags { read, write }
      record open-flags { create: string, truncate: bool }
      resource descriptor {
        open-at: func(path-flags: path-flags, path: string, open-flags: open-flags, %flags: descriptor-flags)
          -> result<descriptor, error-code>;
      }`,
    told: /wasi:filesystem\/types@0\.2\.3#\[method\]descriptor\.open-at otherwise than WASI 0\.2[\s\S]*WASI 0\.2: \[method\]descriptor\.open-at\([\s\S]*component: .*open-at/,
  },
  {
    what: 'a method of ours that WASI does not have',
    pack: 'wasi:io/poll',
    items: 'resource pollable { on-change: func(wake: string); }',
    told: /declares wasi:io\/poll@0\.2\.3#\[method\]pollable\.on-change, which WASI 0\.2 does not have/,
  },
  {
    what: 'a static function in place of a method',
    pack: 'wasi:io/poll',
    items: 'resource pollable { ready: static func(self: borrow<pollable>) -> bool; }',
    told: /\[static\]pollable\.ready, which WASI 0\.2 does not have/,
  },
  {
    what: 'bytes that are a record',
    pack: 'wasi:io/streams',
    items: `variant stream-error { closed } record bytes { length: f64 }
      resource output-stream { write: func(contents: bytes) -> result<_, stream-error>; }`,
    told: /parameter 'contents' differs: list<u8> in the world, record `bytes` in the component/,
  },
  {
    what: 'a resource of another interface',
    pack: 'wasi:http/types',
    items: `resource pollable; resource future-trailers { subscribe: func() -> pollable; }`,
    told: /own<wasi:io\/poll#pollable> in the world, own<wasi:http\/types#pollable> in the component/,
  },
])('$what: refused, with both signatures', async ({ pack, items, told }) => {
  const world = await importing(pack, items);
  expect(() => requireIn(world)).toThrow(
    expect.objectContaining({ code: 'ERR_HL_COMPONENT_UNSUPPORTED', message: expect.stringMatching(told) }),
  );
});

test('no sandbox is made of such a component, if that is granted', async () => {
  installFake();
  const { imports, types } = await importing(
    'wasi:io/poll',
    'resource pollable { on-change: func(wake: string); }',
  );
  const component = componentOf({ imports: [...imports], types: [...types] });
  for (const wasi of [{ stdin: '' }, { stdin: '' }, { preopens: {}, args: [] }]) {
    await expect(Sandbox.create({ component, wasi })).rejects.toThrow(
      /pollable\.on-change, which WASI 0\.2 does not have/,
    );
  }
});

test('what the VM serves itself is not compared: it compares for itself', async () => {
  const world = await importing('wasi:random/random', 'other: func() -> u64;');
  expect(() => requireIn(world)).not.toThrow();
});
