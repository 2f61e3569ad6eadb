// Owns writing what was made to where the user wants it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the folder too. */
export async function writeMade(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
