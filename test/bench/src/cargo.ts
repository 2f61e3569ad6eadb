// Owns building the benchmark's own crates. Cargo decides whether there is anything to do.
import { spawn } from 'node:child_process';
import { root } from './paths.js';

/** Throws when it fails; what cargo says goes to standard error. */
export function cargoBuild(...options: string[]): Promise<void> {
  const locked = process.env['CI'] ? ['--locked'] : [];
  const command = ['build', '--release', '--quiet', ...locked, ...options];
  const child = spawn('cargo', command, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cargo ${command.join(' ')} failed, see above`));
    });
  });
}
