// Owns the packages that contestants consist of: their folder is installed by the benchmark, not with the workspace.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inPackage } from '../paths.js';

const folder = inPackage('contestants');

/** It compiles one of them; anything longer hangs. */
const INSTALL_MS_MAX = 15 * 60_000;

/** Installs what is pinned, if that has not been done. Answers with what went wrong; what is there can take part then. */
export async function installContestants(onProgress: (text: string) => void): Promise<string | undefined> {
  const lock = readFileSync(join(folder, 'pnpm-lock.yaml'), 'utf8');
  const stamp = join(folder, 'node_modules/.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return undefined;

  onProgress('installing the contestants (once; compiles isolated-vm, a minute or two)');
  const child = spawn('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: folder,
    env: { ...process.env, ...nodeHeaders() },
    stdio: ['ignore', process.stderr, 'inherit'],
    timeout: INSTALL_MS_MAX,
  });
  const failure = await failureOf(child);
  if (failure === undefined) writeFileSync(stamp, lock);
  return failure;
}

function failureOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`pnpm could not be started: ${error.message}`));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : `pnpm install ended with ${signal ?? code}`),
    );
  });
}

/** Where Node was installed with its headers, nothing has to be downloaded to compile against it. */
function nodeHeaders(): Record<string, string> {
  const prefix = resolve(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

/** A package of that folder. Rejects with the reason where it is not there or does not load. */
export async function load<T>(name: string): Promise<T> {
  const packages = (await import(pathToFileURL(join(folder, 'packages.mjs')).href)) as {
    load(name: string): Promise<T>;
  };
  try {
    return await packages.load(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_MODULE_NOT_FOUND' ? 'could not be installed' : `does not load: ${message}`;
    throw new Error(`${name} ${reason}`, { cause: error });
  }
}

/** The program of another Node. */
export function nodeProgram(major: 22 | 24): string | undefined {
  const path = join(folder, `node_modules/node${major}/bin/node`);
  return existsSync(path) ? path : undefined;
}
