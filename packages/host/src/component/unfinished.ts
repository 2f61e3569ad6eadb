// Owns what compilers leave in the cache that were killed while they wrote: `HASH-CONFIG.PID.tmp`, which nobody needs.
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const UNFINISHED = /^[0-9a-f]{64}-[0-9a-f]{16}\.\d+\.tmp$/;
/**
 * A file that was not written to for so long has lost its writer, which itself may live for less. The number of its
 * process would not tell: processes of several containers may share the folder.
 */
const DEAD_AFTER_MS = 10 * 60_000;

/** What the compiler of that number was writing to `out`, if it was killed. */
export async function removeUnfinishedOf(pid: number, out: string): Promise<void> {
  await remove(out.replace(/\.hlc$/, `.${pid}.tmp`));
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
  if (Date.now() - written > DEAD_AFTER_MS) await remove(path);
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}
