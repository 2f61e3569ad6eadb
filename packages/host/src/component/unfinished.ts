// Owns what compilers leave in the cache that were killed while they wrote: `HASH-CONFIG.RANDOM.tmp`, which nobody needs.
import { randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const UNFINISHED = /^[0-9a-f]{64}-[0-9a-f]{16}\.[0-9a-f]{32}\.tmp$/;

/** A file that was not written to for so long has lost its writer, which itself may live for less. */
const DEAD_AFTER_MS = 10 * 60_000;

/** Where a compiler writes what is to become `out`: nobody else writes there, from whatever container they come. */
export function unfinishedFor(out: string): string {
  return out.replace(/\.hlc$/, `.${randomBytes(16).toString('hex')}.tmp`);
}

/** Clears the cache of what was left long ago. Whatever stands in the way of that, is not in the way of a compilation. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => UNFINISHED.test(name)).map((name) => removeIfDead(join(folder, name))),
  );
}

async function removeIfDead(path: string): Promise<void> {
  const written = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  if (Date.now() - written > DEAD_AFTER_MS) await unlink(path).catch(() => undefined);
}
