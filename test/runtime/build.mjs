// Builds the guests of the conformance suite into dist/: each example of the crate here, and each guest.wat.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { guestOf } from './random/rust.mjs';
import { randomTypes, TYPES, TYPES_SEED } from './random/types.mjs';
import { worldOf } from './random/wit.mjs';

const here = new URL('.', import.meta.url);
const dist = new URL('dist/', here);
const targetOf = (name) => new URL(`../../target/${name}/`, here);

function cargo(target, ...args) {
  const { status } = spawnSync('cargo', args, {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, CARGO_TARGET_DIR: targetOf(target).pathname },
  });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const examples = 'runtime-guests';
writeRandom();
cargo(examples, 'build', '--quiet', '--release', '--locked', '--target', 'wasm32-wasip2', '--examples');
const manifest = readFileSync(new URL('Cargo.toml', here), 'utf8');
for (const [, name] of manifest.matchAll(/\[\[example\]\]\nname = "(.+)"/g)) {
  const built = `wasm32-wasip2/release/examples/${name.replaceAll('-', '_')}.wasm`;
  const hyphened = `wasm32-wasip2/release/examples/${name}.wasm`;
  const from = [hyphened, built]
    .map((path) => new URL(path, targetOf(examples)))
    .find((url) => existsSync(url));
  copyFileSync(from, new URL(`${name}.wasm`, dist));
}

const wat = new URL('wat/', targetOf(examples));
rmSync(wat, { recursive: true, force: true });
mkdirSync(wat, { recursive: true });
for (const feature of readdirSync(here)) {
  const folder = new URL(`${feature}/`, here);
  const texts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.wat')) : [];
  for (const text of texts) copyFileSync(new URL(text, folder), new URL(`${feature}-${text}`, wat));
}
const assemble = ['--manifest-path', '../components/Cargo.toml', '--package', 'assemble', '--'];
cargo('components', 'run', '--quiet', '--locked', ...assemble, wat.pathname, dist.pathname);

/** The world and the Rust of the random types; written only where they changed, so that nothing is compiled in vain. */
function writeRandom() {
  const folder = new URL('random/', targetOf(examples));
  mkdirSync(folder, { recursive: true });
  const types = randomTypes(TYPES, TYPES_SEED, true);
  writeIfChanged(new URL('world.wit', folder), worldOf(types, 'test:random'));
  writeIfChanged(new URL('types.rs', folder), guestOf(types));
}

function writeIfChanged(url, text) {
  if (existsSync(url) && readFileSync(url, 'utf8') === text) return;
  writeFileSync(url, text);
}
