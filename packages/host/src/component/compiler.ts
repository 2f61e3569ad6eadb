// Owns running hl-compile: a child process, because a stranger's bytes do not meet a compiler in this one.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { rename, unlink } from 'node:fs/promises';
import { ComponentError, HypervisorUnavailableError, InternalError } from '../errors/classes.js';
import { isDenied } from '../permission.js';
import { unfinishedFor } from './unfinished.js';

/** What the compiler may take; the largest JavaScript engines need a quarter of either. */
const MEMORY_BYTES = 4 * 1024 ** 3;
const CPU_MS = 120_000;
/** By the clock on the wall it may take longer: the machine may be busy. */
const WALL_MS = 2 * CPU_MS;
const STDERR_BYTES_MAX = 64 * 1024;

export interface Version {
  readonly wasmtime: string;
  readonly format: number;
  /** Changes whenever code compiled before can no longer be used. */
  readonly config: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly killed: boolean;
}

const versions = new Map<string, Promise<Version>>();

/** Asked once for each compiler in a process. */
export function compilerVersion(compilerPath: string): Promise<Version> {
  let version = versions.get(compilerPath);
  if (version === undefined) {
    version = askVersion(compilerPath);
    versions.set(compilerPath, version);
    // A failure is not remembered: what was missing may be installed by the next time.
    version.catch(() => versions.delete(compilerPath));
  }
  return version;
}

async function askVersion(compilerPath: string): Promise<Version> {
  const { code, stdout, stderr } = await run(compilerPath, ['--version'], undefined, 10_000, undefined);
  if (code !== 0) throw failed(compilerPath, `--version ended with ${code}: ${stderr.trim()}`);
  return parseVersion(compilerPath, stdout);
}

function parseVersion(compilerPath: string, text: string): Version {
  try {
    const { wasmtime, format, config } = JSON.parse(text) as Partial<Version>;
    if (wasmtime !== undefined && format !== undefined && config !== undefined)
      return { wasmtime, format, config };
  } catch {
    // Not JSON: told below, like JSON without what is needed.
  }
  throw failed(compilerPath, `--version answered '${text.trim()}'`);
}

export interface Compilation {
  readonly compilerPath: string;
  readonly bytes: Uint8Array;
  /** Written whole or not at all. */
  readonly out: string;
  /** Kills the compiler. */
  readonly signal: AbortSignal;
}

/** Resolves when the artifact is there. Rejects with a ComponentError that says what is wrong with the bytes. */
export async function compile({ compilerPath, bytes, out, signal }: Compilation): Promise<void> {
  const unfinished = unfinishedFor(out);
  const args = ['--out', unfinished, '--memory-bytes', String(MEMORY_BYTES), '--time-ms', String(CPU_MS)];
  const ended = await run(compilerPath, args, bytes, WALL_MS, signal);
  if (ended.code === 0) return moveInto(out, unfinished);
  // Without a signal the compiler has removed it by itself.
  if (ended.signal !== null) await unlink(unfinished).catch(() => undefined);
  if (ended.killed && !signal.aborted) throw tooMuch(`more than ${WALL_MS / 1000} seconds`);
  // SIGABRT is how an allocation ends that the limit refused, SIGKILL how the kernel ends one for lack of memory.
  if (ended.signal === 'SIGABRT' || ended.signal === 'SIGKILL') throw tooMuch('more memory than it may have');
  if (ended.signal === 'SIGXCPU') throw tooMuch(`more than ${CPU_MS / 1000} seconds of CPU time`);
  throw reported(compilerPath, ended);
}

/** What stands there is replaced in one step. */
async function moveInto(out: string, unfinished: string): Promise<void> {
  await rename(unfinished, out).catch((cause: Error) => {
    throw new ComponentError('ERR_HL_COMPONENT_CACHE', `cannot write ${out}: ${cause.message}`, { cause });
  });
}

function tooMuch(what: string): ComponentError {
  return new ComponentError('ERR_HL_COMPONENT_LIMIT', `compiling the component took ${what}`);
}

function reported(compilerPath: string, { code, signal, stderr }: Ended): Error {
  const report = parseReport(stderr);
  switch (report?.code) {
    case 'invalid':
      return new ComponentError('ERR_HL_COMPONENT_INVALID', report.message);
    case 'unsupported':
      return new ComponentError('ERR_HL_COMPONENT_UNSUPPORTED', report.message);
    case 'limit':
      return new ComponentError('ERR_HL_COMPONENT_LIMIT', report.message);
    case 'cache':
      return new ComponentError('ERR_HL_COMPONENT_CACHE', report.message);
    default:
      return failed(compilerPath, report?.message ?? `it ended with ${signal ?? code}: ${stderr.trim()}`);
  }
}

const failed = (compilerPath: string, what: string): InternalError =>
  new InternalError('ERR_HL_INTERNAL', `${compilerPath} failed: ${what}`);

/** The last line on standard error is JSON, by agreement with the compiler. */
function parseReport(stderr: string): { code: unknown; message: string } | undefined {
  const line = stderr.trimEnd().split('\n').at(-1) ?? '';
  try {
    const { code, message } = JSON.parse(line) as { code?: unknown; message?: unknown };
    return typeof message === 'string' ? { code, message } : undefined;
  } catch {
    return undefined;
  }
}

/** Where a process may start no other, Node says so at once. */
function start(path: string, args: string[]): ChildProcessWithoutNullStreams {
  try {
    // No environment: the compiler needs none, and what it does not have it cannot give away.
    return spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {} });
  } catch (cause) {
    throw notStarted(path, cause as Error);
  }
}

function run(
  path: string,
  args: string[],
  input: Uint8Array | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = start(path, args);
    let killed = false;
    const kill = (): void => {
      killed = child.kill('SIGKILL');
    };
    const timer = setTimeout(kill, timeoutMs);
    signal?.addEventListener('abort', kill);
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
    };
    const stdout = gather(child.stdout);
    const stderr = gather(child.stderr);
    child.once('error', (cause) => {
      done();
      reject(notStarted(path, cause));
    });
    child.once('close', (code, endSignal) => {
      done();
      resolve({ code, signal: endSignal, stdout: stdout(), stderr: stderr(), killed });
    });
    // The compiler may end before it has read everything; its report says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    if (signal?.aborted) kill();
  });
}

/** Keeps the end of what a stream says. */
function gather(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text = (text + chunk).slice(-STDERR_BYTES_MAX);
  });
  return () => text;
}

/** What the system says where processes are not to be started. */
const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSYS' || error.code === 'EPERM');

function notStarted(path: string, cause: Error): HypervisorUnavailableError {
  if (isDenied(cause) || isForbidden(cause)) {
    return new HypervisorUnavailableError(
      'permission',
      `this process may not start the compiler ${path}: ${cause.message}`,
      isDenied(cause)
        ? 'give Node --allow-child-process, or compile in another process and start from its snapshot: Snapshot.load(file)'
        : 'compile in another process and start from its snapshot: Snapshot.load(file)',
      { cause },
    );
  }
  return new HypervisorUnavailableError(
    'addon-missing',
    `the compiler ${path} cannot be started: ${cause.message}`,
    'it lies beside the add-on in @hl/host-linux-x64-gnu: install that package again',
    { cause },
  );
}
