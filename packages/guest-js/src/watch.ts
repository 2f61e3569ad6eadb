// Owns building again whenever one of a guest's files changes.
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type BuildOptions, type BuiltGuest, buildWith } from './build.js';
import { Componentizer } from './componentizer.js';

export interface WatchOptions extends BuildOptions {
  onBuilt(guest: BuiltGuest): void;
  /** A build that failed; the next change is built all the same. */
  onError(error: unknown): void;
  signal?: AbortSignal;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 50;

/** Builds now and after each change, until the signal says stop. */
export async function watchGuest({ onBuilt, onError, signal, ...options }: WatchOptions): Promise<void> {
  let folders = new Set([dirname(options.entry), options.wit]);
  const componentizer = new Componentizer();
  try {
    while (!signal?.aborted) {
      const change = nextChange(folders, signal);
      try {
        const guest = await buildWith(componentizer, options);
        folders = new Set([...guest.inputs.map((path) => dirname(path)), options.wit]);
        onBuilt(guest);
      } catch (error) {
        onError(error);
      }
      await change;
    }
  } finally {
    componentizer.close();
  }
}

/** Settles when something in the folders has changed; it listens at once, so no change is missed in a build. */
function nextChange(folders: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((settle) => {
    const watchers: FSWatcher[] = [];
    let settling: NodeJS.Timeout | undefined;
    const done = () => {
      for (const each of watchers) each.close();
      signal?.removeEventListener('abort', done);
      settle();
    };
    signal?.addEventListener('abort', done);
    const changed = (_kind: string, file: string | null) => {
      if (file !== null && /\.wasm(\.map)?$/.test(file)) return;
      clearTimeout(settling);
      settling = setTimeout(done, SETTLE_MS);
    };
    for (const folder of folders) {
      if (!folder.includes('node_modules')) watchers.push(watch(folder, { recursive: true }, changed));
    }
  });
}
