// Owns the package manager: the pinned pnpm, put into .tools when the one on PATH is another version or missing.
import { spawnSync } from 'node:child_process';
import { environment, pnpmVersion, root, toolsFolder } from '../environment.mjs';

export function preparePnpm() {
  if (installedVersion() === pnpmVersion) return;
  console.error(`setup: installing pnpm ${pnpmVersion} into .tools`);
  const npm = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      toolsFolder,
      '--no-save',
      '--no-package-lock',
      '--no-fund',
      '--no-audit',
      '--loglevel=error',
      `pnpm@${pnpmVersion}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: root },
  );
  if (npm.status !== 0)
    throw new Error(`pnpm could not be installed; try: npm i --prefix .tools pnpm@${pnpmVersion}`);
}

function installedVersion() {
  return spawnSync('pnpm', ['--version'], { env: environment, cwd: root, encoding: 'utf8' }).stdout?.trim();
}
