// Builds the test components into dist/: those in Rust, and one for each .wat file.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const dist = new URL('dist/', here);
const target = new URL('../../target/components/', here);

function cargo(...args) {
  const { status } = spawnSync('cargo', args, {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, CARGO_TARGET_DIR: target.pathname },
  });
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(dist, { recursive: true });
const crates = ['conformance', 'handler', 'handles', 'program'];
const packages = crates.flatMap((name) => ['--package', name]);
cargo('build', '--quiet', '--release', '--locked', '--target', 'wasm32-wasip2', ...packages);
for (const name of crates) {
  copyFileSync(new URL(`wasm32-wasip2/release/${name}.wasm`, target), new URL(`${name}.wasm`, dist));
}
cargo('run', '--quiet', '--locked', '--package', 'assemble', '--', 'wat', 'dist');
