// Owns opening what a path names: regular files and folders, and nothing that acts by being opened.
import { constants } from 'node:fs';
import type { Access } from './descriptor.js';
import type { Base } from './entries.js';
import { fileError, systemCode } from './error-code.js';
import { inDirectory, type OpenFile, procPath } from './open-files.js';
import { type Place, release, walk } from './walk.js';

export interface PathFlags {
  readonly symlinkFollow?: boolean;
}

export interface OpenFlags {
  readonly create?: boolean;
  readonly directory?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
}

export interface DescriptorFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly fileIntegritySync?: boolean;
  readonly dataIntegritySync?: boolean;
  readonly requestedWriteSync?: boolean;
  readonly mutateDirectory?: boolean;
}

interface Opened {
  readonly file: OpenFile;
  readonly isDirectory: boolean;
  readonly flags: DescriptorFlags;
}

interface Wanted {
  readonly path: string;
  readonly follow: boolean;
  readonly how: OpenFlags;
  readonly flags: DescriptorFlags;
  readonly access: Access;
}

const { O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } =
  constants;
const MODE = 0o666;
/** How often a file may appear and vanish between our look and our open before that is told. */
const ATTEMPTS_MAX = 8;

export async function openAt(base: Base, wanted: Wanted): Promise<Opened> {
  const { create, directory, truncate } = wanted.how;
  if ((create && directory) || (truncate && wanted.flags.write !== true)) throw fileError('invalid');
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const place = await walk(base.files, base.root, wanted.path, { follow: wanted.follow, entry: true });
    try {
      const opened =
        place.entry === undefined ? await make(base, place, wanted) : await open(base, place, wanted);
      if (opened !== undefined) return opened;
    } finally {
      release(place);
    }
  }
  throw fileError('busy');
}

/** Nothing is there. Answers nothing if there is by now. */
async function make({ files }: Base, place: Place, { how, flags }: Wanted): Promise<Opened | undefined> {
  if (how.create !== true) throw fileError('no-entry');
  try {
    // Exclusively: so it is a new file, and not one that a link which was put there meanwhile leads to.
    const mode = systemFlags(flags) | O_CREAT | O_EXCL | O_NOFOLLOW;
    const file = await place.parent!.use((fd) => files.open(inDirectory(fd, place.name), mode, MODE));
    return { file, isDirectory: false, flags };
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && how.exclusive !== true) return undefined;
    throw error;
  }
}

async function open({ files }: Base, place: Place, { how, flags, access }: Wanted): Promise<Opened> {
  const { file, stat } = place.entry!;
  if (how.create === true && how.exclusive === true) throw fileError('exist');
  if (stat.isSymbolicLink()) throw fileError('loop');
  if (stat.isDirectory()) {
    if (flags.write === true || how.create === true) throw fileError('is-directory');
    const mutateDirectory = access === 'read-write';
    return { file: file.share(), isDirectory: true, flags: { read: true, mutateDirectory } };
  }
  if (how.directory === true) throw fileError('not-directory');
  // To open a device or a pipe is an act, and may last.
  if (!stat.isFile()) throw fileError('unsupported');
  const truncate = how.truncate === true ? O_TRUNC : 0;
  const mode = systemFlags(flags) | truncate | O_NONBLOCK;
  // By the descriptor: the very file that was looked at, whatever its name leads to by now.
  const opened = await file.use((fd) => files.open(procPath(fd), mode));
  const { mutateDirectory: _, ...ofFile } = flags;
  return { file: opened, isDirectory: false, flags: ofFile };
}

function systemFlags({ read, write, fileIntegritySync, dataIntegritySync }: DescriptorFlags): number {
  const access = write === true ? (read === true ? O_RDWR : O_WRONLY) : O_RDONLY;
  return access | (fileIntegritySync === true ? O_SYNC : 0) | (dataIntegritySync === true ? O_DSYNC : 0);
}
