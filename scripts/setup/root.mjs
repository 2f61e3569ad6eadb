// Owns where the repository is, what is pinned in its root package.json, and where its own tools lie.
import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');
export const toolsFolder = join(root, '.tools');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const pnpmVersion = manifest.packageManager.split('@')[1];

/** The environment of every child: the pinned pnpm first on PATH, because turbo looks for it there. */
export const environment = {
  ...process.env,
  PATH: [join(toolsFolder, 'node_modules', '.bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};
