// Owns noticing that something in a guest's folders has changed.
import { existsSync, type FSWatcher, readdirSync, statSync, type WatchListener, watch } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { GuestBuildError } from './errors.js';

/** Editors write a file in several steps. */
const SETTLE_MS = 50;

/** Of one tree, nearest first; the folders that a build used are watched in any case. */
const FOLDERS_MAX = 1000;

/** Where a guest's files lie. */
export interface GuestFiles {
  entry: string;
  /** A folder or a file. */
  wit: string;
  /** What the last build used. */
  inputs: readonly string[];
}

/**
 * Settles when something in the guest's folders has changed; it listens at once, so no change is missed in a build.
 * A folder that cannot be watched is told to `onError`.
 *
 * # Throws
 * `GuestBuildError` if none can.
 */
export function nextChange(
  files: GuestFiles,
  onError: (error: unknown) => void,
  signal?: AbortSignal,
): Promise<void> {
  const watchers = new Set<FSWatcher>();
  let settling: NodeJS.Timeout | undefined;
  let settle = () => {};
  const change = new Promise<void>((resolveChange) => {
    settle = resolveChange;
  });
  const done = () => {
    for (const each of watchers) each.close();
    clearTimeout(settling);
    signal?.removeEventListener('abort', done);
    settle();
  };
  const changed: WatchListener<string> = (_kind, file) => {
    if (file !== null && /\.wasm(\.map)?$/.test(file)) return;
    clearTimeout(settling);
    settling = setTimeout(done, SETTLE_MS);
  };
  const failures: GuestBuildError[] = [];
  for (const folder of foldersOf(files)) {
    try {
      const watcher = watchNearest(folder, changed);
      watchers.add(watcher);
      watcher.on('error', (cause) => {
        onError(unwatched(folder, cause));
        watchers.delete(watcher);
        watcher.close();
        if (watchers.size === 0) done();
      });
    } catch (cause) {
      failures.push(unwatched(folder, cause as Error));
    }
  }
  if (failures[0] && watchers.size === 0) throw failures[0];
  for (const each of failures) onError(each);
  signal?.addEventListener('abort', done);
  return change;
}

function unwatched(folder: string, cause: Error): GuestBuildError {
  const message = `${relative('.', folder) || '.'} cannot be watched for changes: ${cause.message}`;
  return new GuestBuildError('watch', message, { cause });
}

/** A new file there may be what the last build missed, so it is more than the folders of its inputs. */
function foldersOf({ entry, wit, inputs }: GuestFiles): Set<string> {
  const used = inputs.map((path) => dirname(path)).filter((folder) => !isInstalled(folder));
  const isFile = statSync(wit, { throwIfNoEntry: false })?.isFile() ?? false;
  const ofWit = isFile ? [dirname(resolve(wit))] : treeOf(resolve(wit));
  return new Set([...treeOf(dirname(resolve(entry))), ...ofWit, ...used]);
}

/** Packages do not change while an author works, and are too many. */
function isInstalled(folder: string): boolean {
  return folder.split(/[\\/]/).includes('node_modules');
}

/** The folder and those below it, without what is installed or hidden. */
function treeOf(root: string): string[] {
  const found = [root];
  for (let at = 0; at < found.length && found.length < FOLDERS_MAX; at++) {
    const folder = found[at] as string;
    for (const entry of entriesOf(folder)) {
      const counts = entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.');
      if (counts) found.push(join(folder, entry.name));
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** A folder that is not there is awaited in the nearest one that is. */
function watchNearest(folder: string, changed: WatchListener<string>): FSWatcher {
  let at = folder;
  let awaited: string | undefined;
  for (;;) {
    const here: string = at;
    const child: string | undefined = awaited;
    const names = [child, basename(here)];
    try {
      const watcher = watch(here, (kind, file) => {
        if (child === undefined || file === null || names.includes(file)) changed(kind, file);
      });
      if (child === undefined || !existsSync(join(here, child))) return watcher;
      // It has come in between.
      watcher.close();
      [at, awaited] = [folder, undefined];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(here) === here) throw error;
      [at, awaited] = [dirname(here), basename(here)];
    }
  }
}
