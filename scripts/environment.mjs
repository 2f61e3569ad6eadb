// Owns where the repository is, what is pinned in its root package.json, and what the children of a script see.
import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const toolsFolder = join(root, '.tools');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const pnpmVersion = manifest.packageManager.split('@')[1];

const binFolders = [join(toolsFolder, 'node_modules', '.bin'), join(root, 'node_modules', '.bin')];

/** The pinned pnpm comes first on PATH, because turbo looks for it there. */
export const environment = {
  ...process.env,
  PATH: [...binFolders, process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

export const inCI = Boolean(process.env.CI) && process.env.CI !== 'false';
