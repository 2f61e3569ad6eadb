// Owns `--watch`: generates again whenever what the world is read from has changed.
import { type FSWatcher, watch as watchFiles } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
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
  let watcher: FSWatcher;
  const changes = new Changes(once);
  try {
    watcher = await openWatcher(wit, () => changes.note());
  } catch {
    return code === 0 ? 1 : code;
  }
  output.out(`watching ${shown(wit)}`);
  return new Promise((resolve, reject) => {
    watcher.on('error', reject);
    watcher.on('close', () => resolve(0));
    signal?.addEventListener('abort', () => watcher.close(), { once: true });
  });
}

/** A file is watched through its folder, because many editors replace it by another. */
async function openWatcher(wit: string, onChange: () => void): Promise<FSWatcher> {
  if ((await stat(wit)).isDirectory()) return watchFiles(wit, { recursive: true }, onChange);
  return watchFiles(dirname(wit), (_, file) => {
    if (file === basename(wit)) onChange();
  });
}

/** Bundles changes that come together, and never runs twice at a time. */
class Changes {
  readonly #once: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(once: () => Promise<number>) {
    this.#once = once;
  }

  note(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(this.#once);
    }, SETTLE_MS);
  }
}
