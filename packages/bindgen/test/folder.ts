// Owns the temporary folders in which tests generate: made with some files, current, and gone afterwards.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Runs `body` in a new folder that holds `files`, by path and text. */
export async function inFolder(
  files: Record<string, string>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hl-bindgen-')));
  const before = process.cwd();
  for (const [path, text] of Object.entries(files)) put(join(folder, path), text);
  process.chdir(folder);
  try {
    await body(folder);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

export function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
