// Owns building the benchmark's own Rust. Cargo decides whether there is anything to do.
import { spawn } from 'node:child_process';
import { root } from './paths.js';

/** Throws when it fails; what cargo says goes to standard error. */
export function cargoBuild(...options: string[]): Promise<void> {
  const locked = process.env['CI'] ? ['--locked'] : [];
  return succeed('cargo', ['build', '--release', '--quiet', ...locked, ...options]);
}

/** One file that needs nothing but the standard library, as a module of plain wasm. */
export function rustc(source: string, out: string, target: string): Promise<void> {
  const options = ['--edition=2024', `--target=${target}`, '--crate-type=cdylib'];
  return succeed('rustc', [
    ...options,
    '-Copt-level=3',
    '-Cpanic=abort',
    '-Cstrip=symbols',
    '-o',
    out,
    source,
  ]);
}

function succeed(program: string, options: string[]): Promise<void> {
  const child = spawn(program, options, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${options.join(' ')} failed, see above`));
    });
  });
}
