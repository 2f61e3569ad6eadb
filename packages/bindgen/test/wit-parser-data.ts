// Owns the WIT that the wit-parser crate is tested with: where its published source is, and what cases it holds.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const repository = join(import.meta.dirname, '../../..');

/** A file, or a folder with its dependencies. */
export interface Case {
  readonly name: string;
  readonly path: string;
  /** What wit-parser makes of it. */
  readonly worlds: readonly string[];
  readonly interfaces: readonly string[];
}

export interface FailingCase {
  readonly name: string;
  readonly path: string;
  /** wit-parser's own words, with a file, line and column where it gives one. */
  readonly message: string;
  readonly place: string | undefined;
}

/** `tests/ui` of the version that this repository builds with. */
function dataFolder(): string {
  const manifest = readFileSync(join(repository, 'packages/bindgen/wit/Cargo.toml'), 'utf8');
  const version = /^wit-parser = "=([\d.]+)"$/m.exec(manifest)?.[1];
  const locked = readFileSync(join(repository, 'Cargo.lock'), 'utf8');
  if (version === undefined || !locked.includes(`name = "wit-parser"\nversion = "${version}"`)) {
    throw new Error('packages/bindgen/wit/Cargo.toml pins no version of wit-parser that Cargo.lock has');
  }
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry/src');
  const registries = existsSync(sources) ? readdirSync(sources) : [];
  const found = registries.map((registry) => join(sources, registry, `wit-parser-${version}/tests/ui`));
  const folder = found.find((path) => existsSync(path));
  if (folder !== undefined) return folder;
  throw new Error(
    `the source of wit-parser ${version} is not in ${sources}, fetch it: cargo fetch --locked, in ${repository}`,
  );
}

export const data = dataFolder();

/** As wit-parser's own tests find them. */
function pathsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => entry.name !== 'parse-fail' && (entry.isDirectory() || /\.(wit|wat)$/.test(entry.name)),
    )
    .map(({ name }) => join(folder, name))
    .sort();
}

const expectation = (path: string, extension: string) =>
  `${path.replace(/\.(wit|wat)$/, '')}.wit.${extension}`;

interface Parsed {
  readonly packages: readonly {
    readonly name: string;
    readonly worlds: object;
    readonly interfaces: object;
  }[];
}

export const cases: readonly Case[] = pathsIn(data).map((path) => {
  const { packages } = JSON.parse(readFileSync(expectation(path, 'json'), 'utf8')) as Parsed;
  const full = (packageName: string, item: string) => {
    const [name, version] = packageName.split('@');
    return `${name}/${item}${version === undefined ? '' : `@${version}`}`;
  };
  const all = (of: 'worlds' | 'interfaces') =>
    packages.flatMap((one) => Object.keys(one[of]).map((item) => full(one.name, item)));
  return { name: basename(path), path, worlds: all('worlds'), interfaces: all('interfaces') };
});

export const failing: readonly FailingCase[] = pathsIn(join(data, 'parse-fail')).map((path) => {
  const text = readFileSync(expectation(path, 'result'), 'utf8');
  const [, place] =
    /^\s*--> \S*?\/parse-fail\/(\S+)$/m.exec(text) ?? /^\S*?\/parse-fail\/(\S+:\d+:\d+): /.exec(text) ?? [];
  const message = (text.split('\n')[0] as string)
    .replace(/^failed to (resolve directory|parse package)[^\]]*?\]?: /, '')
    .replace(/^failed to parse package: \S+: /, '')
    .replace(/^tests\S+:\d+:\d+: /, '');
  return { name: basename(path), path, message, place };
});
