// Owns reading a WIT folder: which files of it count, and that reading them comes to an end.
import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BindgenError } from './errors.js';
import { packageText, WitProblem } from './parser.js';

/** The parser counts positions in 32 bits; nobody writes that much WIT by hand. */
const BYTES_MAX = 64 << 20;

/** Path relative to the folder, with forward slashes, and text. */
export type WitFile = readonly [string, string];

/** The main package's files, and those of `deps/NAME.wit`, `deps/NAME.wasm` and `deps/NAME/`. */
export async function readFolder(folder: string, source: string): Promise<WitFile[]> {
  const main = await witFiles(folder);
  if (main.length === 0) {
    const nested = await readdir(join(folder, 'wit')).catch(() => undefined);
    const hint =
      nested === undefined ? 'name the folder that holds the world' : `did you mean ${source}/wit?`;
    throw new BindgenError(`${source}: there is no .wit file in this folder, ${hint}`);
  }
  const paths = [...main];
  for (const { name } of await entries(join(folder, 'deps'))) {
    const path = `deps/${name}`;
    const { isFolder } = await kindOf(join(folder, path));
    if (isFolder) paths.push(...(await witFiles(join(folder, path))).map((file) => `${path}/${file}`));
    else if (/\.(wit|wasm|wat)$/.test(name)) paths.push(path);
  }
  const budget = new Budget(source);
  const files: WitFile[] = [];
  for (const path of paths) files.push(await readWit(folder, path, `${source}/${path}`, budget));
  return files;
}

/** One WIT file that stands alone. */
export async function readFileAlone(path: string, source: string): Promise<WitFile> {
  return [source.split('/').at(-1) as string, await readText(path, source, new Budget(source))];
}

/** All bytes of a file, within reason. */
export async function readBytes(path: string, source: string): Promise<Uint8Array> {
  return new Budget(source).read(path, source);
}

async function readWit(folder: string, path: string, shown: string, budget: Budget): Promise<WitFile> {
  const place = join(folder, path);
  if (path.endsWith('.wat')) {
    throw new BindgenError(`${shown}: this is WebAssembly as text, make it binary (wasm-tools parse)`);
  }
  if (!path.endsWith('.wasm')) return [path, await readText(place, shown, budget)];
  try {
    return [path, await packageText(await budget.read(place, shown))];
  } catch (error) {
    if (error instanceof WitProblem) throw new BindgenError(`${shown}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readText(path: string, shown: string, budget: Budget): Promise<string> {
  const bytes = await budget.read(path, shown);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BindgenError(`${shown}: this is not UTF-8, which WIT has to be`, { cause });
  }
}

async function witFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of await entries(folder)) {
    if (name.endsWith('.wit') && !(await kindOf(join(folder, name))).isFolder) names.push(name);
  }
  return names;
}

/** What is behind a name, through links. A link to nothing is a file that cannot be read, as the reader is told. */
async function kindOf(path: string): Promise<{ isFolder: boolean }> {
  const found = await stat(path).catch(() => undefined);
  return { isFolder: found?.isDirectory() === true };
}

/** In an order that no file system decides; a folder that is not there has none. */
async function entries(folder: string): Promise<Dirent[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new BindgenError(`${folder}: this folder cannot be read (${error.code})`, { cause: error });
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How much may still be read. */
class Budget {
  readonly #source: string;
  #left = BYTES_MAX;

  constructor(source: string) {
    this.#source = source;
  }

  async read(path: string, shown: string): Promise<Uint8Array> {
    const { size } = await this.#check(path, shown);
    this.#left -= size;
    if (this.#left < 0) {
      throw new BindgenError(`${this.#source}: there are more than ${BYTES_MAX} bytes to read here`);
    }
    return readFile(path).catch((error: NodeJS.ErrnoException) => {
      throw new BindgenError(`${shown}: this file cannot be read (${error.code})`, { cause: error });
    });
  }

  /** Reading from a pipe or a device may never end. */
  async #check(path: string, shown: string): Promise<Stats> {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new BindgenError(`${shown}: this file cannot be read (${error.code})`, { cause: error });
    });
    if (!found.isFile()) throw new BindgenError(`${shown}: this is no regular file`);
    return found;
  }
}
