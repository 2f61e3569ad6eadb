// Owns `resource descriptor`: a file or folder that a guest has open, and what it may do with it.
import { constants, fdatasync, fsync, ftruncate, futimes, utimes } from 'node:fs';
import { promisify } from 'node:util';
import { CHUNK_BYTES, InputStream, OutputStream, requireBytes } from '../streams.js';
import { DirectoryEntryStream } from './directory-entries.js';
import * as entries from './entries.js';
import { fileError, toFileError } from './error-code.js';
import { fileSink, fileSource, readAt, writeAt } from './file-streams.js';
import { type DescriptorFlags, type OpenFlags, openAt, type PathFlags } from './open-at.js';
import { type OpenFile, type OpenFiles, procPath } from './open-files.js';
import {
  type DescriptorStat,
  isSame,
  metadataHash,
  type NewTimestamp,
  secondsOf,
  toStat,
  typeOf,
} from './stat.js';

const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);
const ftruncateAsync = promisify(ftruncate);
const futimesAsync = promisify(futimes);
const utimesAsync = promisify(utimes);

const { O_APPEND, O_DIRECTORY, O_RDONLY, O_WRONLY } = constants;
const SIZE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

export type Access = 'read' | 'read-write';

export interface DescriptorParts {
  readonly files: OpenFiles;
  /** Of a folder, opened by O_PATH. Released with the descriptor. */
  readonly file: OpenFile;
  readonly isDirectory: boolean;
  /** That of the preopen it was reached from. */
  readonly access: Access;
  readonly flags: DescriptorFlags;
}

export class Descriptor {
  readonly #parts: DescriptorParts;

  constructor(parts: DescriptorParts) {
    this.#parts = parts;
  }

  readViaStream(offset: bigint): InputStream {
    return new InputStream(fileSource(this.#readable().share(), offset));
  }

  writeViaStream(offset: bigint): OutputStream {
    return new OutputStream(fileSink(this.#writable().share(), offset));
  }

  appendViaStream(): Promise<OutputStream> {
    return guarded(async () => {
      const file = this.#writable();
      // Opened anew: what appends does so always, and this descriptor must not.
      const appending = await file.use((fd) => this.#parts.files.open(procPath(fd), O_WRONLY | O_APPEND));
      return new OutputStream(fileSink(appending, undefined));
    });
  }

  advise(): void {
    this.#requireFile();
  }

  syncData(): Promise<void> {
    return this.#sync(fdatasyncAsync);
  }

  sync(): Promise<void> {
    return this.#sync(fsyncAsync);
  }

  getFlags(): DescriptorFlags {
    return this.#parts.flags;
  }

  getType(): Promise<string> {
    return guarded(async () => typeOf(await this.#parts.file.stat()));
  }

  setSize(size: bigint): Promise<void> {
    return guarded(async () => {
      const file = this.#writable();
      if (size > SIZE_MAX) throw fileError('file-too-large');
      await file.use((fd) => ftruncateAsync(fd, Number(size)));
    });
  }

  setTimes(access: NewTimestamp, modification: NewTimestamp): Promise<void> {
    return guarded(async () => {
      this.#requireChangeable();
      const { file, isDirectory } = this.#parts;
      const stat = await file.stat();
      const times = [secondsOf(access, stat.atimeNs), secondsOf(modification, stat.mtimeNs)] as const;
      await file.use((fd) =>
        isDirectory ? utimesAsync(procPath(fd), ...times) : futimesAsync(fd, ...times),
      );
    });
  }

  read(length: bigint, offset: bigint): Promise<[Uint8Array, boolean]> {
    return guarded(async () => {
      const bytes = Number(length < CHUNK_BYTES ? length : CHUNK_BYTES);
      const read = await readAt(this.#readable(), bytes, offset);
      return [read, bytes > 0 && read.length === 0];
    });
  }

  write(buffer: Uint8Array, offset: bigint): Promise<bigint> {
    return guarded(async () => {
      const file = this.#writable();
      requireBytes(buffer);
      await writeAt(file, buffer, offset);
      return BigInt(buffer.length);
    });
  }

  readDirectory(): Promise<DirectoryEntryStream> {
    return guarded(async () => {
      const { files } = this.#parts;
      return new DirectoryEntryStream(
        files,
        await this.#folder().use((fd) => files.openFolder(procPath(fd))),
      );
    });
  }

  createDirectoryAt(path: string): Promise<void> {
    return guarded(() => entries.createDirectory(this.#changeable(), path));
  }

  stat(): Promise<DescriptorStat> {
    return guarded(async () => toStat(await this.#parts.file.stat()));
  }

  statAt({ symlinkFollow }: PathFlags, path: string): Promise<DescriptorStat> {
    return guarded(async () => toStat(await entries.stat(this.#place(), path, symlinkFollow === true)));
  }

  setTimesAt(
    { symlinkFollow }: PathFlags,
    path: string,
    access: NewTimestamp,
    modification: NewTimestamp,
  ): Promise<void> {
    return guarded(() =>
      entries.setTimes(this.#changeable(), path, symlinkFollow === true, access, modification),
    );
  }

  /** A link that is the old path's end is linked itself: who wants what it names opens that. */
  linkAt({ symlinkFollow }: PathFlags, oldPath: string, to: Descriptor, newPath: string): Promise<void> {
    return guarded(() => {
      if (symlinkFollow === true) throw fileError('invalid');
      // Both: a link into a folder that may be written makes what it leads to writable.
      return entries.link(this.#changeable(), oldPath, to.#changeable(), newPath);
    });
  }

  openAt(
    { symlinkFollow }: PathFlags,
    path: string,
    how: OpenFlags,
    flags: DescriptorFlags,
  ): Promise<Descriptor> {
    return guarded(async () => {
      const { access } = this.#parts;
      const changes = how.create || how.truncate || flags.write || flags.mutateDirectory;
      if (access === 'read' && changes) throw fileError('read-only');
      const opened = await openAt(this.#place(), {
        path,
        follow: symlinkFollow === true,
        how,
        flags,
        access,
      });
      return new Descriptor({ ...opened, files: this.#parts.files, access });
    });
  }

  readlinkAt(path: string): Promise<string> {
    return guarded(() => entries.readlink(this.#place(), path));
  }

  removeDirectoryAt(path: string): Promise<void> {
    return guarded(() => entries.removeDirectory(this.#changeable(), path));
  }

  renameAt(oldPath: string, to: Descriptor, newPath: string): Promise<void> {
    return guarded(() => entries.rename(this.#changeable(), oldPath, to.#changeable(), newPath));
  }

  symlinkAt(oldPath: string, newPath: string): Promise<void> {
    return guarded(() => entries.symlink(this.#changeable(), oldPath, newPath));
  }

  unlinkFileAt(path: string): Promise<void> {
    return guarded(() => entries.unlinkFile(this.#changeable(), path));
  }

  async isSameObject(other: Descriptor): Promise<boolean> {
    return isSame(await this.#parts.file.stat(), await other.#parts.file.stat());
  }

  metadataHash(): Promise<{ lower: bigint; upper: bigint }> {
    return guarded(async () => metadataHash(await this.#parts.file.stat()));
  }

  metadataHashAt({ symlinkFollow }: PathFlags, path: string): Promise<{ lower: bigint; upper: bigint }> {
    return guarded(async () => metadataHash(await entries.stat(this.#place(), path, symlinkFollow === true)));
  }

  [Symbol.dispose](): void {
    this.#parts.file.release();
  }

  #sync(sync: (fd: number) => Promise<void>): Promise<void> {
    return guarded(async () => {
      const { file, files, isDirectory } = this.#parts;
      if (!isDirectory) return file.use(sync);
      // What was opened by O_PATH cannot be synced itself.
      const folder = await file.use((fd) => files.open(procPath(fd), O_RDONLY | O_DIRECTORY));
      await folder.use(sync).finally(() => folder.release());
    });
  }

  #requireFile(): OpenFile {
    if (this.#parts.isDirectory) throw fileError('is-directory');
    return this.#parts.file;
  }

  #readable(): OpenFile {
    const file = this.#requireFile();
    if (this.#parts.flags.read !== true) throw fileError('bad-descriptor');
    return file;
  }

  #writable(): OpenFile {
    const file = this.#requireFile();
    this.#requireChangeable();
    if (this.#parts.flags.write !== true) throw fileError('bad-descriptor');
    return file;
  }

  #folder(): OpenFile {
    if (!this.#parts.isDirectory) throw fileError('not-directory');
    return this.#parts.file;
  }

  #requireChangeable(): void {
    if (this.#parts.access === 'read') throw fileError('read-only');
  }

  #place(): entries.Base {
    return { files: this.#parts.files, root: this.#folder() };
  }

  #changeable(): entries.Base {
    this.#requireChangeable();
    return this.#place();
  }
}

async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw toFileError(error);
  }
}
