// Builds the program that runs another under a seccomp profile into dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';

const target = new URL('../../target/confine/', import.meta.url);
const dist = new URL('dist/', import.meta.url);

const { status } = spawnSync('cargo', ['build', '--quiet', '--release', '--locked'], {
  cwd: new URL('confine/', import.meta.url),
  stdio: 'inherit',
  env: { ...process.env, CARGO_TARGET_DIR: target.pathname },
});
if (status !== 0) process.exit(status ?? 1);
mkdirSync(dist, { recursive: true });
copyFileSync(new URL('release/confine', target), new URL('confine', dist));
