// Owns where the repository is, what is pinned in its root package.json, and what the children of a script see.
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Spelled so that a Node too old for us still gets as far as being told so. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const toolsFolder = join(root, '.tools');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const pnpmVersion = manifest.packageManager.split('@')[1];

const binFolders = [join(toolsFolder, 'node_modules', '.bin'), join(root, 'node_modules', '.bin')];

/** The pinned pnpm comes first on PATH, because turbo looks for it there. */
export const environment = {
  ...process.env,
  // Logs are read by people and by programs; some tools colour them even when nobody watches.
  ...(process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: '1' }),
  PATH: [...binFolders, process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

export const inCI = Boolean(process.env.CI) && process.env.CI !== 'false';
