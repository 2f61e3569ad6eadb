// Owns the install of npm packages, always exactly those of the lock file.
import { spawnSync } from 'node:child_process';
import { environment, root } from '../environment.mjs';

export function installDependencies() {
  console.error('setup: installing npm packages');
  const install = spawnSync('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only'], {
    env: environment,
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (install.status === 0) return;
  const output = `${install.stdout}${install.stderr}`;
  console.error(output);
  if (output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) {
    throw new Error(
      'pnpm-lock.yaml does not match the package.json files; run: .tools/node_modules/.bin/pnpm install',
    );
  }
  throw new Error('the npm packages could not be installed, see above; run npm run setup to try again');
}
