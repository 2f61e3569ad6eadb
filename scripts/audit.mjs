// `npm run audit`: asks the advisory databases of npm and of RustSec for everything that this project depends on.
import { spawnSync } from 'node:child_process';
import { environment, root } from './environment.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

setup();
const codes = [await run('pnpm', ['audit'])];

const hasCargoAudit = spawnSync('cargo', ['audit', '--version'], { env: environment }).status === 0;
if (hasCargoAudit) {
  for (const lock of locks()) codes.push(await run('cargo', ['audit', '--file', lock]));
} else {
  console.error('missing: cargo-audit; install it with: cargo install cargo-audit --locked');
  codes.push(1);
}
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;

/** Every workspace of crates has a lock file of its own. */
function locks() {
  const { stdout } = spawnSync('git', ['ls-files', '*Cargo.lock'], { cwd: root, encoding: 'utf8' });
  return stdout.split('\n').filter((path) => path !== '');
}
