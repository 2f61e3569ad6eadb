// Owns the proof that dependencies point one way only: between packages, inside the host, and between crates.
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { files, importsOf, root, type SourceFile } from './files.js';

const SCRIPT = /\.(ts|mts|cts|js|mjs|cjs)$/;

/** Goldens are what a generator writes into somebody else's program: its imports are not ours. */
function sources(folder: string): SourceFile[] {
  return files(new RegExp(`^${folder}/`)).filter(
    ({ path }) => SCRIPT.test(path) && !/(^|\/)goldens?\//.test(path),
  );
}

/** `path -> import` for each import that `isWrong` objects to. */
function wrongImports(from: SourceFile[], isWrong: (specifier: string, path: string) => boolean): string[] {
  return from.flatMap((file) =>
    importsOf(file)
      .filter((specifier) => isWrong(specifier, file.path))
      .map((specifier) => `${file.path} -> ${specifier}`),
  );
}

const isHost = (specifier: string) => /^@hl\/host($|[-/])/.test(specifier);

test('bindgen and guest-js never import the host', () => {
  const makers = [...sources('packages/bindgen'), ...sources('packages/guest-js')];
  expect(wrongImports(makers, isHost)).toEqual([]);
});

test('bindgen imports no other package of ours', () => {
  expect(wrongImports(sources('packages/bindgen'), (specifier) => specifier.startsWith('@hl/'))).toEqual([]);
});

test('binding.ts alone imports what is native', () => {
  const others = sources('packages/host/src').filter(({ path }) => path !== 'packages/host/src/binding.ts');
  const isNative = (specifier: string) =>
    specifier.endsWith('.node') ||
    /^@hl\/host-/.test(specifier) ||
    /(^|\/)native(\/|-loader|\.js$|$)/.test(specifier);
  expect(wrongImports(others, isNative)).toEqual([]);
});

test('the shell commands import the library, never the other way round', () => {
  for (const folder of ['packages/host/src', 'packages/bindgen/src', 'packages/guest-js/src']) {
    const library = sources(folder).filter(({ path }) => !/\/cli(\/|\.ts$|\.test\.ts$)/.test(path));
    expect(wrongImports(library, (specifier) => /^\.{1,2}\/(.*\/)?cli(\/|\.js$)/.test(specifier))).toEqual(
      [],
    );
  }
});

test('a package reaches others by their public names only', () => {
  const everything = [...sources('packages'), ...sources('examples'), ...sources('test')];
  const leaves = (specifier: string, path: string) => {
    if (/^@hl\/[^/]+\/(src|dist|native)\//.test(specifier)) return true;
    return specifier.startsWith('.') && packageOf(join(dirname(path), specifier)) !== packageOf(path);
  };
  // Tests share test/support, which is no package that could be published.
  const allowed = (line: string) => / -> [./]*test\/support\//.test(line);
  expect(wrongImports(everything, leaves).filter((line) => !allowed(line))).toEqual([]);
});

function packageOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'test' ? 'test' : parts.slice(0, 2).join('/');
}

/** The arrows between our own crates, complete: a crate that is not here fails the test. */
const ARROWS: Record<string, string[]> = {
  'hl-abi': [],
  'hl-guest': ['hl-abi'],
  'hl-echo': ['hl-guest'],
  'hl-hostile': ['hl-guest'],
  // The add-on's own source, with the hostile guest in the runtime's place.
  'hl-hostile-addon': ['hl-abi', 'hl-vmm'],
  'hl-engine': [],
  'hl-runtime': ['hl-abi', 'hl-engine', 'hl-guest'],
  'hl-vmm': ['hl-abi'],
  'hl-binding': ['hl-abi', 'hl-vmm'],
  'hl-wit': [],
  'hl-compile': ['hl-engine', 'hl-wit'],
  'hl-floors': [],
  'hl-fuzz': ['hl-abi', 'hl-vmm', 'hl-wit'],
  'hl-bench-guest': [],
};

/** What the crates at the walls may take from others. */
const FOREIGN: Record<string, string[]> = {
  'hl-abi': [],
  'hl-vmm': ['kvm-bindings', 'kvm-ioctls', 'libc', 'xxhash-rust'],
};

/** The crates of the product; the components that tests run are a workspace of their own. */
const members = files(/^Cargo\.toml$/)[0]?.text.match(/^members = \[([^\]]*)\]/m)?.[1] ?? '';
const manifests = files(/\/Cargo\.toml$/).filter(({ path }) => members.includes(`"${dirname(path)}"`));
const isOurs = (name: string) => name.startsWith('hl-');

test('crates of ours depend on each other along the arrows only', () => {
  const found = manifests.map((file) => [crateName(file), dependenciesOf(file).filter(isOurs)]);
  expect(Object.fromEntries(found)).toEqual(ARROWS);
});

test('the crates at the walls take nothing else from outside', () => {
  for (const [name, allowed] of Object.entries(FOREIGN)) {
    const manifest = manifests.find((file) => crateName(file) === name);
    expect(manifest, name).toBeDefined();
    const foreign = dependenciesOf(manifest as SourceFile).filter((dependency) => !isOurs(dependency));
    expect(allowed, name).toEqual(expect.arrayContaining(foreign));
  }
});

test('the binding is the only crate that knows Node, under either of its names', () => {
  const others = manifests.filter((file) => !['hl-binding', 'hl-hostile-addon'].includes(crateName(file)));
  const nodeish = others.filter((file) => dependenciesOf(file).some((name) => name.startsWith('napi')));
  expect(nodeish.map(crateName)).toEqual([]);
});

test('clippy looks at each crate', async () => {
  const script = join(root, 'scripts/cargo/crates.mjs');
  const { linted } = (await import(script)) as { linted: string[][] };
  expect(manifests.map(crateName).filter((name) => !linted.flat().includes(name))).toEqual([]);
});

function crateName({ path, text }: SourceFile): string {
  return /^name = "(.+)"/m.exec(text)?.[1] ?? path;
}

/** Names under [dependencies] and [build-dependencies], also target-specific ones; tests may use what they like. */
function dependenciesOf({ text }: SourceFile): string[] {
  const names: string[] = [];
  let counts = false;
  for (const line of text.split('\n')) {
    const section = /^\[(.+)\]/.exec(line)?.[1];
    if (section !== undefined) {
      counts = /(^|\.)(build-)?dependencies$/.test(section);
      const inline = /(^|\.)(?:build-)?dependencies\.([\w-]+)$/.exec(section)?.[2];
      if (inline) names.push(inline);
    } else if (counts) {
      const name = /^([\w-]+)(\.workspace)?\s*=/.exec(line)?.[1];
      if (name) names.push(name);
    }
  }
  return names.sort();
}
