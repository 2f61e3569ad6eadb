// Owns `--watch`: generates again whenever what the world is read from has changed.
import { type FSWatcher, watch as watchFiles } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { shown } from '../source.js';
import type { Output } from './run.js';

/** Editors write a file in several steps; this long after the last one it is worth a look. */
const SETTLE_MS = 50;

/** Runs `once` now and after each change, until `signal`. Answers the exit code. */
export async function watch(
  wit: string,
  once: () => Promise<number>,
  output: Output,
  signal: AbortSignal | undefined,
): Promise<number> {
  const code = await once();
  const isThere = await stat(wit).then(
    () => true,
    () => false,
  );
  if (!isThere) return code === 0 ? 1 : code;
  const watched = new Watched(resolve(wit), () => changes.note());
  const changes = new Changes(async () => {
    // First, so that what changes while this runs is seen, too.
    await watched.update();
    await once();
  }, output);
  await watched.update();
  output.out(`watching ${shown(wit)}`);
  return new Promise((resolve) => {
    const stop = () => {
      changes.stop();
      watched.close();
      resolve(0);
    };
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The folders that a world is read from; each is watched for itself, because new ones come and links lead elsewhere. */
class Watched {
  readonly #wit: string;
  readonly #onChange: () => void;
  /** By what the folder is and where it stands. */
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  constructor(wit: string, onChange: () => void) {
    this.#wit = wit;
    this.#onChange = onChange;
  }

  /** Begins to watch what is new, and leaves what is gone. */
  async update(): Promise<void> {
    const wanted = await foldersOf(this.#wit);
    const ids = new Map<string, readonly [string, string | undefined]>();
    for (const [folder, name] of wanted) {
      // Another folder may have come to stand under the same name.
      const { dev, ino } = await stat(folder).catch(() => ({ dev: 0, ino: 0 }));
      ids.set(`${dev} ${ino} ${folder}`, [folder, name]);
    }
    for (const [id, watcher] of this.#watchers) {
      if (ids.has(id)) continue;
      watcher.close();
      this.#watchers.delete(id);
    }
    for (const [id, [folder, name]] of ids) this.#add(id, folder, name);
  }

  close(): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #add(id: string, folder: string, name: string | undefined): void {
    if (this.#isClosed || this.#watchers.has(id)) return;
    let watcher: FSWatcher;
    try {
      watcher = watchFiles(folder, (_, changed) => {
        if (name === undefined || changed === null || changed === name) this.#onChange();
      });
    } catch {
      // It went in the meantime; the folder above tells when it comes back.
      return;
    }
    const forget = () => {
      watcher.close();
      if (this.#watchers.get(id) === watcher) this.#watchers.delete(id);
    };
    watcher.on('error', forget);
    this.#watchers.set(id, watcher);
  }
}

/** By path; with a name where only the entry of that name counts. */
async function foldersOf(wit: string): Promise<Map<string, string | undefined>> {
  const folders = new Map<string, string | undefined>([[dirname(wit), basename(wit)]]);
  const real = await realpath(wit).catch(() => wit);
  if (dirname(real) !== dirname(wit)) folders.set(dirname(real), basename(real));
  const deps = join(wit, 'deps');
  const inDeps = (await namesIn(deps)).map((name) => join(deps, name));
  for (const folder of [wit, deps, ...inDeps]) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) continue;
    folders.set(folder, undefined);
    // What a link leads to changes where it is.
    for (const name of await namesIn(folder)) {
      const target = await realpath(join(folder, name)).catch(() => undefined);
      if (target === undefined || target === join(await realpath(folder), name)) continue;
      const parent = dirname(target);
      if (!folders.has(parent)) folders.set(parent, undefined);
    }
  }
  return folders;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Bundles changes that come together, never runs twice at a time, and goes on after a failure. */
class Changes {
  readonly #once: () => Promise<unknown>;
  readonly #output: Output;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(once: () => Promise<unknown>, output: Output) {
    this.#once = once;
    this.#output = output;
  }

  note(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#running
        .then(this.#once)
        .catch((error) => this.#output.err(`hl-bindgen: ${String(error)}`));
    }, SETTLE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
