// Owns running programs against the built package, in processes of their own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** A file of the built package. */
export const dist = (file: string): string => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));

/** For programs: how many threads of sandboxes there are, those included that wait for another after a `close()`. */
export const THREADS = `
  import { readdirSync, readFileSync } from 'node:fs';
  const isOurs = (thread) => {
    try { return readFileSync('/proc/self/task/' + thread + '/comm', 'utf8') === 'hl-sandbox\\n'; } catch { return false; }
  };
  const threads = () => readdirSync('/proc/self/task').filter(isOurs).length;`;

/** What a program prints, which must end by itself. `through`: a command that starts it in its own way. */
export function run(
  program: string,
  extension = 'mjs',
  options: string[] = [],
  through: string[] = [],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'hl-process-'));
  const path = join(folder, `main.${extension}`);
  writeFileSync(path, program);
  const [file = process.execPath, ...args] = [...through, process.execPath, ...options, path];
  const { status, signal, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 50_000 });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return stdout;
}
