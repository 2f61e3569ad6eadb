// Owns running a component that is a program (`wasi:cli/run`) as a shell would: with this process's streams.
import { basename } from 'node:path';
import { artifactOf, type Component } from '../component.js';
import { TrapError, WitError } from '../errors/classes.js';
import { withoutVersion } from '../names.js';
import type { Limits } from '../sandbox/limits.js';
import { Sandbox } from '../sandbox.js';
import type { PreopenOption } from '../wasi/options.js';
import { UsageError } from './command.js';

const RUN = 'wasi:cli/run';

interface Program {
  readonly file: string;
  readonly component: Component;
  readonly args: readonly string[];
  /** `NAME=VALUE`, or `NAME` for this process's own value. */
  readonly env: readonly string[];
  /** `HOST`, `HOST::GUEST`, each with `:ro` behind it or without. */
  readonly dirs: readonly string[];
  readonly limits: Limits;
}

export const isProgram = (component: Component): boolean =>
  artifactOf(component).descriptor.exports.some(({ name }) => name !== null && withoutVersion(name) === RUN);

/** A shell's program runs until it ends, and says as much as it wants; whoever started it can stop it. */
const UNBOUNDED = {
  timeoutMs: Number.POSITIVE_INFINITY,
  maxHostCalls: Number.POSITIVE_INFINITY,
  maxOutputBytes: Number.POSITIVE_INFINITY,
};

/** Answers the program's exit code. */
export async function runProgram({ file, component, args, env, dirs, limits }: Program): Promise<number> {
  const wasi = {
    args: [basename(file), ...args],
    env: Object.fromEntries(env.flatMap(variable)),
    preopens: Object.fromEntries(dirs.map(folder)),
    stdin: process.stdin,
  };
  const sandbox = await Sandbox.create({
    component,
    wasi,
    limits: { ...UNBOUNDED, ...limits },
    stdout: 'inherit',
    stderr: 'inherit',
  });
  try {
    return await Promise.race([exitCodeOf(sandbox), readerGone()]);
  } finally {
    await sandbox.close();
    // A read that is under way would keep this process waiting for its terminal.
    process.stdin.destroy();
  }
}

async function exitCodeOf(sandbox: Sandbox): Promise<number> {
  try {
    await sandbox.exports[RUN].run();
    return 0;
  } catch (error) {
    // It says itself what went wrong, on stderr.
    if (error instanceof WitError) return 1;
    if (error instanceof TrapError && error.exitStatus !== undefined) return error.exitStatus;
    throw error;
  }
}

/** What a shell shows of a program that wrote into a pipe which nobody reads any more. */
const EXIT_SIGPIPE = 141;

/** Settles when one of this process's streams fails, as under `| head`. */
function readerGone(): Promise<number> {
  return new Promise((resolve, reject) => {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE') resolve(EXIT_SIGPIPE);
        else reject(error);
      });
    }
  });
}

function variable(given: string): [string, string][] {
  const at = given.indexOf('=');
  if (at === 0) throw new UsageError(`--env ${given}: a name is missing`);
  if (at > 0) return [[given.slice(0, at), given.slice(at + 1)]];
  const value = process.env[given];
  return value === undefined ? [] : [[given, value]];
}

function folder(given: string): [string, PreopenOption] {
  const isReadOnly = given.endsWith(':ro');
  const paths = isReadOnly ? given.slice(0, -':ro'.length) : given;
  const at = paths.indexOf('::');
  const [host, guest] = at < 0 ? [paths, paths] : [paths.slice(0, at), paths.slice(at + 2)];
  if (host === '' || guest === '') throw new UsageError(`--dir ${given}: expected HOST[::GUEST][:ro]`);
  return [guest, { path: host, access: isReadOnly ? 'read' : 'read-write' }];
}
