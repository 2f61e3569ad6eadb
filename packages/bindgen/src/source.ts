// Owns what a world is read from: a WIT folder with its dependencies, one WIT file, or a built component.
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BindgenError } from './errors.js';
import { type ParsedWorld, parseComponent, parseWit, WitProblem } from './parser.js';

/** A `URL` as far as this package needs one: its type is in no library that every user has. */
export interface FileUrl {
  readonly href: string;
}

export interface DescribeOptions {
  /** A WIT folder, a `.wit` file, or a built component (`.wasm`). */
  readonly wit: string | FileUrl;
  /** A world's plain or full name; may be left out when there is one. A component's world is known by its file's name. */
  readonly world?: string | undefined;
}

export interface DescribedWorld extends ParsedWorld {
  /** What was read, relative to the current folder, as messages and headers name it. */
  source: string;
}

/** Reads and describes one world. Rejects with a `BindgenError` that names file, line and what is wrong. */
export async function describe({ wit, world }: DescribeOptions): Promise<DescribedWorld> {
  const path = typeof wit === 'string' ? wit : filePath(wit.href);
  const source = shown(path);
  try {
    return { source, ...(await parse(path, source, world)) };
  } catch (error) {
    if (error instanceof WitProblem) throw new BindgenError(explain(error, source), { cause: error });
    throw error;
  }
}

function filePath(href: string): string {
  try {
    return fileURLToPath(href);
  } catch (cause) {
    throw new BindgenError(`${href}: only file: URLs can be read`, { cause });
  }
}

async function parse(path: string, source: string, world: string | undefined): Promise<ParsedWorld> {
  if (await isFolder(path, source)) return parseWit(await readFolder(path, source), world);
  if (path.endsWith('.wit')) return parseWit([[basename(path), await readFile(path, 'utf8')]], world);
  return parseComponent(await readFile(path));
}

async function isFolder(path: string, source: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new BindgenError(
      `${source}: there is no such file or folder, name a WIT folder, a .wit file or a component (.wasm)`,
      { cause },
    );
  }
}

/** The main package's files, and those of `deps/NAME.wit` and `deps/NAME/`. */
async function readFolder(folder: string, source: string): Promise<[string, string][]> {
  const main = await witFiles(folder);
  if (main.length === 0) {
    const nested = await readdir(join(folder, 'wit')).catch(() => undefined);
    const hint =
      nested === undefined ? 'name the folder that holds the world' : `did you mean ${source}/wit?`;
    throw new BindgenError(`${source}: there is no .wit file in this folder, ${hint}`);
  }
  const paths = [...main];
  for (const entry of await entries(join(folder, 'deps'))) {
    const path = `deps/${entry.name}`;
    if (entry.name.endsWith('.wit')) paths.push(path);
    else if (!entry.isFile())
      paths.push(...(await witFiles(join(folder, path))).map((name) => `${path}/${name}`));
  }
  return Promise.all(
    paths.map(async (path): Promise<[string, string]> => [path, await readFile(join(folder, path), 'utf8')]),
  );
}

async function witFiles(folder: string): Promise<string[]> {
  return (await entries(folder)).map(({ name }) => name).filter((name) => name.endsWith('.wit'));
}

/** In an order that no file system decides; a folder that is not there has none. */
async function entries(folder: string): Promise<Dirent[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function explain({ message, location }: WitProblem, source: string): string {
  if (location === undefined) {
    const choose = message.includes('choose one of') ? ' (--world NAME)' : '';
    return `${source}: ${message}${choose}`;
  }
  const file = source.endsWith('.wit') ? source : `${source}/${location.file}`;
  return `${file}:${location.line}:${location.column}: ${message}`;
}

/** Relative to the current folder, with forward slashes, so that headers are the same on every machine. */
export function shown(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/') || '.';
}
