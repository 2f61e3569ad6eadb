// Owns folders that hold one guest's sources for one test.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ourPackage = resolve(import.meta.dirname, '../..');

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Writes the files into a new folder that has this package installed, and goes when the process does. */
export function scratch(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hl-guest-test-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, 'node_modules/@hl'), { recursive: true });
  symlinkSync(ourPackage, join(folder, 'node_modules/@hl/guest-js'));
  return folder;
}
