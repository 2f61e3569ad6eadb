// Owns `resource directory-entry-stream`: the names in a folder, one after another.
import type { Buffer } from 'node:buffer';
import type { Dir } from 'node:fs';
import { toFileError } from './error-code.js';
import type { OpenFiles } from './open-files.js';
import { typeOf } from './stat.js';
import { toText } from './walk.js';

export class DirectoryEntryStream {
  readonly #files: OpenFiles;
  readonly #folder: Dir;

  constructor(files: OpenFiles, folder: Dir) {
    this.#files = files;
    this.#folder = folder;
  }

  async readDirectoryEntry(): Promise<{ type: string; name: string } | undefined> {
    try {
      const entry = await this.#folder.read();
      if (entry === null) return undefined;
      return { type: typeOf(entry), name: toText(entry.name as unknown as Buffer) };
    } catch (error) {
      throw toFileError(error);
    }
  }

  [Symbol.dispose](): void {
    this.#files.closeFolder(this.#folder);
  }
}
