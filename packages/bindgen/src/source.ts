// Owns what a world is read from: a WIT folder with its dependencies, one WIT file, or a built component.
import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BindgenError, type ItemError } from './errors.js';
import { refuseUnknown } from './features.js';
import { readBytes, readFileAlone, readFolder, type WitFile } from './folder.js';
import {
  type Features,
  type ParsedWorld,
  parseComponent,
  parseWit,
  WitProblem,
  wrapModule,
} from './parser.js';
import { explain } from './problem.js';

/** A `URL` as far as this package needs one: its type is in no library that every user has. */
export interface FileUrl {
  readonly href: string;
}

export interface DescribeOptions {
  /** A WIT folder, a `.wit` file, or a built component (`.wasm`). */
  readonly wit: string | FileUrl;
  /** A world's plain or full name; may be left out when there is one. A component's world is known by its file's name. */
  readonly world?: string | undefined;
  /** Which items marked `@unstable(feature = NAME)` are taken in; default: none. */
  readonly features?: Features | undefined;
}

export interface DescribedWorld extends Omit<ParsedWorld, 'places'> {
  /** What was read, relative to the current folder, as messages and headers name it. */
  source: string;
}

/** Reads and describes one world. Rejects with a `BindgenError` that names file, line and what is wrong. */
export async function describe(options: DescribeOptions): Promise<DescribedWorld> {
  const { described } = await read(options);
  return described;
}

export interface ReadWorld {
  readonly described: DescribedWorld;
  /** The error with the place in the text that it is about. */
  readonly placed: (error: ItemError) => BindgenError;
}

/** Likewise, for whoever may still find fault with what was read. */
export async function read({ wit, world, features }: DescribeOptions): Promise<ReadWorld> {
  const path = pathOf(wit);
  const source = shown(path);
  const files = await readWit(path, source);
  refuseUnknown(features, files, source);
  const refusal = (problem: WitProblem) =>
    new BindgenError(explain(problem, source, files ?? []), { cause: problem });
  try {
    const { places, ...rest } =
      files === undefined
        ? await parseComponent(await readBytes(path, source))
        : await parseWit(files, world, features);
    const placed = ({ message, item }: ItemError) => refusal(new WitProblem(message, places[item]));
    return { described: { source, ...rest }, placed };
  } catch (error) {
    throw error instanceof WitProblem ? refusal(error) : error;
  }
}

export interface WrapOptions extends DescribeOptions {
  /** A core module; its imports and exports have the names and types that the canonical ABI gives them. */
  readonly module: Uint8Array;
}

/** Makes a component of a core module and its WIT. Rejects with a `BindgenError` that says what does not fit. */
export async function wrap({ module, wit, world, features }: WrapOptions): Promise<Uint8Array> {
  const path = pathOf(wit);
  const source = shown(path);
  const files = await readWit(path, source);
  if (files === undefined) throw new BindgenError(`${source}: a WIT folder or a .wit file is needed`);
  refuseUnknown(features, files, source);
  try {
    return await wrapModule(module, files, world, features);
  } catch (error) {
    if (!(error instanceof WitProblem)) throw error;
    throw new BindgenError(explain(error, source, files), { cause: error });
  }
}

/** Nothing if it is a component. */
async function readWit(path: string, source: string): Promise<WitFile[] | undefined> {
  if (await isFolder(path, source)) return readFolder(path, source);
  return path.endsWith('.wit') ? [await readFileAlone(path, source)] : undefined;
}

function pathOf(wit: string | FileUrl): string {
  if (typeof wit === 'string' && wit !== '') return wit;
  const href = (wit as Partial<FileUrl> | undefined)?.href;
  if (typeof href !== 'string') {
    throw new BindgenError(
      'wit: name a WIT folder, a .wit file or a component (.wasm), by path or file: URL',
    );
  }
  try {
    return fileURLToPath(href);
  } catch (cause) {
    throw new BindgenError(`${href}: only file: URLs can be read`, { cause });
  }
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

/** Relative to the current folder, with forward slashes, so that headers are the same on every machine. */
export function shown(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/') || '.';
}
