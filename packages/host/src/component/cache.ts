// Owns the cache of compiled components: which folder, which file, and that one content is compiled once.
import { mkdir, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { abortable } from '../abort.js';
import { ComponentError } from '../errors/classes.js';
import { isDenied } from '../permission.js';
import type { AbortSignalLike } from '../structural.js';
import { type Artifact, DamagedArtifact, type Expected, readArtifact } from './artifact.js';
import { compile, compilerVersion } from './compiler.js';
import type { SourceBytes } from './source.js';
import { removeUnfinished } from './unfinished.js';

/** Where compiled components are kept: native code, so nobody else may write there. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  // A relative one is to be ignored, says the specification of these variables.
  const root = base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache');
  return join(root, 'hyperlight-node', 'components');
}

export async function makeCacheFolder(): Promise<string> {
  const folder = cacheFolder();
  try {
    await makeFolder(folder);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ComponentError(
      'ERR_HL_COMPONENT_CACHE',
      `cannot make the folder for compiled components: ${why}; ${
        isDenied(cause)
          ? `give Node --allow-fs-write=${folder}/, or compile in another process`
          : 'set XDG_CACHE_HOME to a folder that may be written'
      }`,
      { cause },
    );
  }
  return folder;
}

/** Not by `recursive`, which goes round for ever where a file system takes no folder, such as /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await isFolder(path))) return;
    const parent = dirname(path);
    if (!hasCode(error, 'ENOENT') || parent === path || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await makeFolder(path);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );

/** Whether its file still is what it was when it was read: who clears caches may have been there since. */
export async function isInCache({ path, codeOffset, codeBytes }: Artifact): Promise<boolean> {
  const size = await stat(path).then(
    (status) => status.size,
    () => undefined,
  );
  return size === codeOffset + codeBytes;
}

/** A compilation under way. Several loads may wait for it; when all have been aborted, it is killed. */
interface Running {
  readonly result: Promise<Artifact>;
  readonly stop: AbortController;
  waiting: number;
}

const running = new Map<string, Running>();

export interface LoadOptions {
  readonly compilerPath: string;
  readonly signal: AbortSignalLike | undefined;
  /** Called when the content is not in the cache, and has to be compiled. */
  readonly onCompile: () => void;
}

/** The artifact of these bytes: from the cache, or compiled now. */
export async function loadArtifact(source: SourceBytes, options: LoadOptions): Promise<Artifact> {
  const { config } = await compilerVersion(options.compilerPath);
  const expected = { hash: source.hash, config };
  const path = pathOf(expected);
  const cached = await readCached(path, expected);
  if (cached !== undefined) return cached;
  options.onCompile();
  const job = running.get(path) ?? startCompilation(source.bytes, path, expected, options.compilerPath);
  return waitFor(job, path, options.signal);
}

/** What was compiled before from the component with that hash; undefined if it is not there any more. */
export function findArtifact(expected: Expected): Promise<Artifact | undefined> {
  return readCached(pathOf(expected), expected);
}

/** Its code is damaged: the next load compiles it anew. */
export async function evict({ path }: Artifact): Promise<void> {
  await unlink(path).catch(() => undefined);
}

const pathOf = ({ hash, config }: Expected): string =>
  join(cacheFolder(), `${hash}-${config.slice(0, 16)}.hlc`);

async function readCached(path: string, expected: Expected): Promise<Artifact | undefined> {
  try {
    return await readArtifact(path, expected);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    if (!(error instanceof DamagedArtifact)) throw unusable(path, error);
    await unlink(path).catch((failure: unknown) => {
      if (!isNotThere(failure)) throw unusable(path, failure);
    });
    return undefined;
  }
}

function unusable(path: string, cause: unknown): ComponentError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ComponentError(
    'ERR_HL_COMPONENT_CACHE',
    isDenied(cause)
      ? `${path} cannot be read: ${why}; give Node --allow-fs-read=${dirname(path)}/`
      : `${path} can be neither read nor compiled anew: ${why}; remove it`,
    { cause },
  );
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const isNotThere = (error: unknown): boolean => hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');

function startCompilation(
  bytes: Uint8Array,
  path: string,
  expected: Expected,
  compilerPath: string,
): Running {
  const stop = new AbortController();
  const { signal } = stop;
  const write = async (): Promise<Artifact> => {
    await removeUnfinished(await makeCacheFolder());
    // Whoever waited may have left.
    signal.throwIfAborted();
    await compile({ compilerPath, bytes, out: path, signal });
    return readArtifact(path, expected);
  };
  const result = write();
  const job: Running = { result, stop, waiting: 0 };
  running.set(path, job);
  // Those who wait hear of a failure; when all of them have left, nobody needs to.
  const ended = () => forget(path, job);
  result.then(ended, ended);
  return job;
}

/** From now on another load of the same content does not join it. */
function forget(path: string, job: Running): void {
  if (running.get(path) === job) running.delete(path);
}

async function waitFor(job: Running, path: string, signal: AbortSignalLike | undefined): Promise<Artifact> {
  job.waiting++;
  try {
    return await abortable(signal, job.result);
  } finally {
    job.waiting--;
    if (job.waiting === 0) {
      // At once, not when it has ended: a load that comes meanwhile would wait for what is being killed.
      forget(path, job);
      job.stop.abort();
    }
  }
}
