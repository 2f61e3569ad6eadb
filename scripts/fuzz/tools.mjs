// Owns what libFuzzer needs besides the project's own toolchain, exactly pinned: a nightly Rust, and cargo-fuzz.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolsFolder } from '../environment.mjs';

/** The sanitizer and the coverage that libFuzzer feeds on are options of nightly compilers only. */
const NIGHTLY = { toolchain: 'nightly-2026-05-20', commit: 'e50aa6fba' };
const CARGO_FUZZ = '0.13.2';
const cargoFuzzFolder = join(toolsFolder, `cargo-fuzz-${CARGO_FUZZ}`);

let toolchain;

/** The command line that builds or runs a target: program, options, settings. */
export function fuzzing(what, target, more = []) {
  toolchain ??= prepare();
  const options = ['--features=libfuzzer', '--target-dir=target/fuzz', target];
  const words = what === 'build' ? [what, ...options] : [what, ...options, ...more];
  // Link-time optimization takes minutes here and makes nothing quicker that counts.
  const env = { RUSTUP_TOOLCHAIN: toolchain, CARGO_PROFILE_RELEASE_LTO: 'off' };
  return [join(cargoFuzzFolder, 'bin/cargo-fuzz'), words, { cwd: root, env }];
}

/** Installs what is missing; answers the toolchain's name. Ends the process with one sentence if it cannot. */
function prepare() {
  if (!answers('rustup', ['--version'])) {
    fail(
      "rustup is needed; run: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, then open a new shell",
    );
  }
  const name = nightly();
  if (!existsSync(join(cargoFuzzFolder, 'bin/cargo-fuzz'))) {
    console.error(`fuzz: installing cargo-fuzz ${CARGO_FUZZ}`);
    const options = ['install', 'cargo-fuzz', '--version', CARGO_FUZZ, '--locked', '--root', cargoFuzzFolder];
    if (spawnSync('cargo', options, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) {
      fail(`cargo-fuzz ${CARGO_FUZZ} cannot be installed; run: cargo ${options.join(' ')}`);
    }
  }
  return name;
}

/** The pinned toolchain by its own name, or as the `nightly` that is there already. */
function nightly() {
  for (const name of [NIGHTLY.toolchain, 'nightly']) {
    if (answers('rustup', ['run', name, 'rustc', '--version'])?.includes(NIGHTLY.commit)) return name;
  }
  const options = ['toolchain', 'install', NIGHTLY.toolchain, '--profile', 'minimal', '--no-self-update'];
  console.error(`fuzz: installing Rust ${NIGHTLY.toolchain}`);
  if (spawnSync('rustup', options, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) {
    fail(
      `Rust ${NIGHTLY.toolchain} cannot be installed; run: rustup ${options.join(' ')} (or fuzz with --mutate)`,
    );
  }
  return NIGHTLY.toolchain;
}

function answers(program, options) {
  const answer = spawnSync(program, options, { cwd: root, encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout : undefined;
}

function fail(sentence) {
  console.error(`fuzz: ${sentence}`);
  process.exit(1);
}
