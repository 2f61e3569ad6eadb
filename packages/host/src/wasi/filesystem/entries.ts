// Owns what is done to the entries of folders: made, looked at, linked, renamed and removed, each by one name in one
// open folder. No call of the system here follows a link at that name.

import type { BigIntStats } from 'node:fs';
import {
  link as linkFile,
  lutimes,
  mkdir,
  rename as renameFile,
  rmdir,
  symlink as symlinkFile,
  unlink,
  utimes,
} from 'node:fs';
import { promisify } from 'node:util';
import { fileError } from './error-code.js';
import { inDirectory, type OpenFile, type OpenFiles, procPath } from './open-files.js';
import { type NewTimestamp, secondsOf } from './stat.js';
import { type Place, readLink, release, walk } from './walk.js';

const linkAsync = promisify(linkFile);
const lutimesAsync = promisify(lutimes);
const mkdirAsync = promisify(mkdir);
const renameAsync = promisify(renameFile);
const rmdirAsync = promisify(rmdir);
const symlinkAsync = promisify(symlinkFile);
const unlinkAsync = promisify(unlink);
const utimesAsync = promisify(utimes);

/** The folder that a path starts from, and cannot leave. */
export interface Base {
  readonly files: OpenFiles;
  readonly root: OpenFile;
}

/** Runs `operation` with the system's path of the last name, whose folder stays open meanwhile. */
async function atName<T>(
  { files, root }: Base,
  path: string,
  operation: (systemPath: string, folder: OpenFile, name: string) => Promise<T>,
  whenItself: string,
): Promise<T> {
  const place = await walk(files, root, path, { follow: false, entry: false });
  try {
    const { parent, name } = place;
    if (parent === undefined) throw fileError(whenItself);
    return await parent.use((fd) => operation(inDirectory(fd, name), parent, name));
  } finally {
    release(place);
  }
}

/** `folder/` names the same as `folder` to what makes, moves and removes folders. */
const ofFolder = (path: string): string => (/[^/]/.test(path) ? path.replace(/\/+$/, '') : path);

export const createDirectory = (base: Base, path: string): Promise<void> =>
  atName(base, ofFolder(path), async (at) => void (await mkdirAsync(at, 0o777)), 'exist');

export const removeDirectory = (base: Base, path: string): Promise<void> =>
  atName(base, ofFolder(path), (at) => rmdirAsync(at), 'busy');

export const unlinkFile = (base: Base, path: string): Promise<void> =>
  atName(base, path, (at) => unlinkAsync(at), 'is-directory');

export const readlink = (base: Base, path: string): Promise<string> =>
  atName(base, path, (_at, folder, name) => readLink(folder, name, 'invalid'), 'invalid');

export const rename = (from: Base, oldPath: string, to: Base, newPath: string): Promise<void> =>
  atName(
    from,
    ofFolder(oldPath),
    (oldAt) => atName(to, ofFolder(newPath), (newAt) => renameAsync(oldAt, newAt), 'busy'),
    'busy',
  );

export const link = (from: Base, oldPath: string, to: Base, newPath: string): Promise<void> =>
  atName(
    from,
    oldPath,
    (oldAt) => atName(to, newPath, (newAt) => linkAsync(oldAt, newAt), 'exist'),
    'not-permitted',
  );

/** What it says is walked like any path when a guest follows it; other programs might follow it anywhere. */
export function symlink(base: Base, text: string, path: string): Promise<void> {
  if (text.startsWith('/') || leadsUp(text, path)) throw fileError('not-permitted');
  if (text.includes('\0')) throw fileError('invalid');
  return atName(base, path, (at) => symlinkAsync(text, at), 'exist');
}

/** Whether `text`, read at `path`, goes above where `path` starts, as far as the two tell. */
function leadsUp(text: string, path: string): boolean {
  let depth = namesOf(path).reduce((sum, name) => sum + (name === '..' ? -1 : 1), -1);
  return namesOf(text).some((name) => {
    depth += name === '..' ? -1 : 1;
    return depth < 0;
  });
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

export async function stat({ files, root }: Base, path: string, follow: boolean): Promise<BigIntStats> {
  const place = await walk(files, root, path, { follow, entry: true });
  release(place);
  return existing(place).stat;
}

export async function setTimes(
  { files, root }: Base,
  path: string,
  follow: boolean,
  access: NewTimestamp,
  modification: NewTimestamp,
): Promise<void> {
  const place = await walk(files, root, path, { follow, entry: true });
  try {
    const { file, stat: current } = existing(place);
    const times = [secondsOf(access, current.atimeNs), secondsOf(modification, current.mtimeNs)] as const;
    if (current.isSymbolicLink()) {
      await place.parent!.use((fd) => lutimesAsync(inDirectory(fd, place.name), ...times));
    } else await file.use((fd) => utimesAsync(procPath(fd), ...times));
  } finally {
    release(place);
  }
}

function existing({ entry }: Place): NonNullable<Place['entry']> {
  if (entry === undefined) throw fileError('no-entry');
  return entry;
}
