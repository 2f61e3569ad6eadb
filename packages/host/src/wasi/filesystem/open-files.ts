// Owns the descriptors of the operating system that a guest makes the host hold: counted, never closed while an
// operation uses them, and all closed when the guest's state ends.

import type { BigIntStats, Dir } from 'node:fs';
import { close, fstat, opendir, open as openFile } from 'node:fs';
import { promisify } from 'node:util';
import { fileError } from './error-code.js';

const openAsync = promisify(openFile);
const opendirAsync = promisify(opendir);
const fstatAsync = promisify(fstat) as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;

/** What one sandbox's guest may hold open at once, and what its longest path needs on the way. */
const OPEN_MAX = 512;

/** A path to what a descriptor has open itself, whatever became of its name. Linux resolves it without walking. */
export const procPath = (fd: number): string => `/proc/self/fd/${fd}`;
/** `name` in the directory that is open as `fd`. `name` must be one plain component. */
export const inDirectory = (fd: number, name: string): string => `${procPath(fd)}/${name}`;

/** A descriptor, closed when nobody holds it and no operation uses it any more. */
export class OpenFile {
  readonly fd: number;
  readonly #onClosed: (file: OpenFile) => void;
  #holders = 1;
  #operations = 0;
  #isClosed = false;

  constructor(fd: number, onClosed: (file: OpenFile) => void) {
    this.fd = fd;
    this.#onClosed = onClosed;
  }

  /** One more holder, who will release it. */
  share(): OpenFile {
    this.#requireHeld();
    this.#holders++;
    return this;
  }

  release(): void {
    if (this.#holders > 0) this.#holders--;
    this.#closeIfUnused();
  }

  /** All holders are gone, whatever they think. */
  abandon(): void {
    this.#holders = 0;
    this.#closeIfUnused();
  }

  /** It stays open until `operation` is over, even if its holders go. */
  async use<T>(operation: (fd: number) => Promise<T>): Promise<T> {
    this.#requireHeld();
    this.#operations++;
    try {
      return await operation(this.fd);
    } finally {
      this.#operations--;
      this.#closeIfUnused();
    }
  }

  stat(): Promise<BigIntStats> {
    return this.use((fd) => fstatAsync(fd, { bigint: true }));
  }

  /** Where nobody holds it, its number may already be another file's. */
  #requireHeld(): void {
    if (this.#holders === 0) throw fileError('bad-descriptor');
  }

  #closeIfUnused(): void {
    if (this.#isClosed || this.#holders > 0 || this.#operations > 0) return;
    this.#isClosed = true;
    this.#onClosed(this);
    close(this.fd, () => undefined);
  }
}

/** What one sandbox's guest has open. */
export class OpenFiles {
  readonly #files = new Set<OpenFile>();
  readonly #folders = new Set<Dir>();
  /** Counts states: what was asked for in one that has ended is closed as it comes. */
  #state = 0;
  #opening = 0;

  get count(): number {
    return this.#files.size + this.#folders.size + this.#opening;
  }

  open(path: string, flags: number, mode?: number): Promise<OpenFile> {
    return this.#opened(
      () => openAsync(path, flags, mode),
      (fd) => {
        const file = new OpenFile(fd, (one) => this.#files.delete(one));
        this.#files.add(file);
        return file;
      },
      (fd) => close(fd, () => undefined),
    );
  }

  /** Lists names as bytes: they need not be text. */
  openFolder(path: string): Promise<Dir> {
    return this.#opened(
      // The types know of no buffers here; `buffer` is documented for every function that answers names.
      () => opendirAsync(path, { encoding: 'buffer' as BufferEncoding }),
      (folder) => {
        this.#folders.add(folder);
        return folder;
      },
      (folder) => closeFolder(folder),
    );
  }

  closeFolder(folder: Dir): void {
    if (this.#folders.delete(folder)) closeFolder(folder);
  }

  /** Closes everything, each as soon as no operation uses it. */
  stateEnded(): void {
    this.#state++;
    for (const file of [...this.#files]) file.abandon();
    for (const folder of [...this.#folders]) this.closeFolder(folder);
  }

  async #opened<T, U>(
    open: () => Promise<T>,
    keep: (opened: T) => U,
    discard: (opened: T) => void,
  ): Promise<U> {
    if (this.count >= OPEN_MAX) throw fileError('quota');
    const state = this.#state;
    this.#opening++;
    try {
      const opened = await open();
      if (this.#state === state) return keep(opened);
      discard(opened);
      throw fileError('interrupted');
    } finally {
      this.#opening--;
    }
  }
}

function closeFolder(folder: Dir): void {
  folder.close().catch(() => undefined);
}
