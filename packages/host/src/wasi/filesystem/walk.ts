// Owns the way from a guest's path to what it names, and that it never leads out of the folder it starts from.
//
// The system is only ever asked for one name in one open folder, and never to follow a link: links are read and
// walked here. So it does not matter what anybody swaps, moves or links meanwhile: each step starts from a folder
// that was reached from inside, and `..` goes back to the one before it, wherever that lies by now.
import { Buffer } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { constants, readlink } from 'node:fs';
import { promisify } from 'node:util';
import { fileError, systemCode } from './error-code.js';
import { inDirectory, type OpenFile, type OpenFiles } from './open-files.js';

const readlinkAsync = promisify(readlink) as unknown as (
  path: string,
  options: { encoding: 'buffer' },
) => Promise<Buffer>;

/** Opens a name without what it names: nothing is read, no device is touched, no pipe waited for. */
export const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

const PATH_BYTES_MAX = 4096;
/** Folders that one path holds open at once. */
const DEPTH_MAX = 128;
const LINKS_MAX = 40;
/** Names that one path leads through, with all its links. */
const STEPS_MAX = 4096;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Where a path leads. Whoever gets it releases it. */
export interface Place {
  /** The folder that has `name`; `undefined` where the path ends in a folder that was walked through, as `a/..`. */
  readonly parent: OpenFile | undefined;
  readonly name: string;
  /** What is there, opened by O_PATH; a link itself if links were not to be followed. */
  readonly entry: { readonly file: OpenFile; readonly stat: BigIntStats } | undefined;
}

export function release({ parent, entry }: Place): void {
  parent?.release();
  entry?.file.release();
}

interface WalkOptions {
  /** Whether a link at the end is followed. */
  readonly follow: boolean;
  /** `false`: only the folder and the name in it are wanted; what is there is not looked at. */
  readonly entry: boolean;
}

/** Throws a FileError: `not-permitted` where the path leads out. */
export async function walk(
  files: OpenFiles,
  root: OpenFile,
  path: string,
  options: WalkOptions,
): Promise<Place> {
  const walker = new Walker(files, root, options);
  try {
    return await walker.walk(split(path));
  } finally {
    walker.release();
  }
}

/** The names of a path that starts inside; `''` and `.` stay, because they ask for a folder. */
function split(path: string): string[] {
  if (path === '') throw fileError('no-entry');
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) throw fileError('name-too-long');
  if (path.includes('\0')) throw fileError('invalid');
  if (path.startsWith('/')) throw fileError('not-permitted');
  return path.split('/');
}

class Walker {
  readonly #files: OpenFiles;
  readonly #options: WalkOptions;
  /** The folders from the root to where the walk is. */
  readonly #folders: OpenFile[];
  /** Names still to go, the next one last. */
  #names: string[] = [];
  #links = 0;
  #steps = 0;

  constructor(files: OpenFiles, root: OpenFile, options: WalkOptions) {
    this.#files = files;
    this.#options = options;
    this.#folders = [root.share()];
  }

  async walk(names: string[]): Promise<Place> {
    this.#names = names.reverse();
    for (;;) {
      const name = this.#names.pop();
      if (name === undefined) return this.#here();
      if (++this.#steps > STEPS_MAX) throw fileError('loop');
      if (name === '' || name === '.') continue;
      if (name === '..') this.#up();
      else if (this.#names.length > 0) await this.#into(name);
      else {
        const place = await this.#at(name);
        if (place !== undefined) return place;
      }
    }
  }

  release(): void {
    for (const folder of this.#folders.splice(0)) folder.release();
  }

  get #folder(): OpenFile {
    return this.#folders.at(-1)!;
  }

  /** The path ends in the folder where the walk is. */
  async #here(): Promise<Place> {
    if (!this.#options.entry) return { parent: undefined, name: '.', entry: undefined };
    const stat = await this.#folder.stat();
    return { parent: undefined, name: '.', entry: { file: this.#folder.share(), stat } };
  }

  #up(): void {
    if (this.#folders.length === 1) throw fileError('not-permitted');
    this.#folders.pop()!.release();
  }

  /** `name` is followed by others, so it has to be a folder or a link to one. */
  async #into(name: string): Promise<void> {
    if (this.#folders.length >= DEPTH_MAX) throw fileError('name-too-long');
    try {
      this.#folders.push(await this.#open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW));
    } catch (error) {
      if (systemCode(error) !== 'ENOTDIR') throw error;
      await this.#follow(name, 'not-directory');
    }
  }

  /** The last name. Answers nothing where it is a link, which is followed. */
  async #at(name: string): Promise<Place | undefined> {
    if (!this.#options.entry) return { parent: this.#folder.share(), name, entry: undefined };
    let file: OpenFile;
    try {
      file = await this.#open(name, O_PATH | O_NOFOLLOW);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      return { parent: this.#folder.share(), name, entry: undefined };
    }
    try {
      const stat = await file.stat();
      if (!stat.isSymbolicLink() || !this.#options.follow) {
        return { parent: this.#folder.share(), name, entry: { file: file.share(), stat } };
      }
    } finally {
      file.release();
    }
    await this.#follow(name, 'interrupted');
    return undefined;
  }

  #open(name: string, flags: number): Promise<OpenFile> {
    return this.#folder.use((fd) => this.#files.open(inDirectory(fd, name), flags));
  }

  /** Goes where the link leads, from here; `otherwise` is what to say if it is no link. */
  async #follow(name: string, otherwise: string): Promise<void> {
    if (++this.#links > LINKS_MAX) throw fileError('loop');
    const text = await readLink(this.#folder, name, otherwise);
    if (text.startsWith('/')) throw fileError('not-permitted');
    this.#names.push(...text.split('/').reverse());
  }
}

/** The text of the link `name`; what it says is of no consequence, since it is walked like any path. */
export async function readLink(folder: OpenFile, name: string, otherwise: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await folder.use((fd) => readlinkAsync(inDirectory(fd, name), { encoding: 'buffer' }));
  } catch (error) {
    throw systemCode(error) === 'EINVAL' ? fileError(otherwise) : error;
  }
  return toText(bytes);
}

/** Names of files are bytes to the system, but text to WASI. */
export function toText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw fileError('illegal-byte-sequence');
  }
}
