// Owns writing what was made to where the user wants it, and saying why that cannot be.
import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GuestBuildError } from './errors.js';
import { makeFolder } from './make-folder.js';

/**
 * Before the build, so that nobody waits for what cannot be written.
 *
 * # Throws
 * `GuestBuildError` if a folder is there already.
 */
export async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new GuestBuildError(
    'write',
    `${path} is a folder, and the component is one file; name it, such as ${join(path, 'plugin.wasm')}`,
  );
}

/**
 * Makes the folder too.
 *
 * # Throws
 * `GuestBuildError` that names the path and what is in the way.
 */
export async function writeMade(path: string, content: Uint8Array | string): Promise<void> {
  await attempt(dirname(path), 'this folder cannot be made', makeFolder);
  await attempt(path, 'this file cannot be written', (file) => writeFile(file, content));
}

async function attempt(path: string, what: string, act: (path: string) => Promise<void>): Promise<void> {
  try {
    await act(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new GuestBuildError(
      'write',
      `${path}: ${what} (${why(code) ?? message}); name another place to write to`,
      { cause },
    );
  }
}

const WHY: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'the file system takes no new entry there',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'there is a folder of that name',
  ENOSPC: 'the file system is full',
};

const why = (code: string | undefined): string | undefined =>
  code === undefined || WHY[code] === undefined ? code : `${WHY[code]}, ${code}`;
