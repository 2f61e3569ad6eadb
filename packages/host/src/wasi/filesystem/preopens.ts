// Owns the folders that a guest is given: opened once, when the sandbox is made, under the name the guest knows.
import { constants, statSync } from 'node:fs';
import { type Access, Descriptor } from './descriptor.js';
import { systemCode } from './error-code.js';
import { type OpenFile, OpenFiles, procPath } from './open-files.js';
import { isSame } from './stat.js';
import { O_PATH } from './walk.js';

export interface Preopen {
  readonly guestPath: string;
  readonly hostPath: string;
  readonly access: Access;
}

interface Root {
  readonly preopen: Preopen;
  readonly file: OpenFile;
}

export class Preopens {
  readonly #roots: readonly Root[];
  readonly #holder: OpenFiles;
  /** What guests have open below. */
  readonly #files = new OpenFiles();

  private constructor(roots: readonly Root[], holder: OpenFiles) {
    this.#roots = roots;
    this.#holder = holder;
  }

  /** Throws a TypeError that names the preopen whose folder cannot be had. */
  static async open(preopens: readonly Preopen[]): Promise<Preopens> {
    const holder = new OpenFiles();
    try {
      const roots: Root[] = [];
      for (const preopen of preopens) roots.push({ preopen, file: await openRoot(holder, preopen) });
      return new Preopens(roots, holder);
    } catch (error) {
      holder.stateEnded();
      throw error;
    }
  }

  /** `get-directories() -> list<tuple<descriptor, string>>` */
  directories(): [Descriptor, string][] {
    return this.#roots.map(({ preopen: { guestPath, access }, file }) => {
      const flags = { read: true, mutateDirectory: access === 'read-write' };
      const parts = { files: this.#files, file: file.share(), isDirectory: true, access, flags };
      return [new Descriptor(parts), guestPath];
    });
  }

  stateEnded(): void {
    this.#files.stateEnded();
  }

  close(): void {
    this.#files.stateEnded();
    this.#holder.stateEnded();
  }
}

async function openRoot(files: OpenFiles, { guestPath, hostPath }: Preopen): Promise<OpenFile> {
  const path = `wasi.preopens['${guestPath}'].path`;
  let file: OpenFile;
  try {
    file = await files.open(hostPath, O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    const code = systemCode(error);
    const why =
      code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'ENOTDIR'
          ? 'it is not a folder'
          : String(code);
    throw new TypeError(`${path}: cannot open ${hostPath}: ${why}`, { cause: error });
  }
  if (!(await isReachable(file))) {
    throw new TypeError(`${path}: granting a folder needs /proc, which is not mounted here`);
  }
  return file;
}

/** Everything below is reached by way of /proc. */
async function isReachable(file: OpenFile): Promise<boolean> {
  const there = statSync(procPath(file.fd), { bigint: true, throwIfNoEntry: false });
  return there !== undefined && isSame(there, await file.stat());
}
