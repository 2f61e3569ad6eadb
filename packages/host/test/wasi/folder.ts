// Owns a folder on disk for one test, and a guest's descriptor of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WitError } from '../../src/errors/classes.js';
import type { Access, Descriptor } from '../../src/wasi/filesystem/descriptor.js';
import { Preopens } from '../../src/wasi/filesystem/preopens.js';

export interface Given {
  readonly inside: string;
  /** Beside it, with a `secret` that no guest may see. */
  readonly outside: string;
  readonly root: Descriptor;
  readonly preopens: Preopens;
}

export async function givenFolder(access: Access = 'read-write'): Promise<Given> {
  const parent = mkdtempSync(join(tmpdir(), 'hl-wasi-'));
  const [inside, outside] = [join(parent, 'inside'), join(parent, 'outside')];
  mkdirSync(inside);
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  const preopens = await Preopens.open([{ guestPath: '/data', hostPath: inside, access }]);
  onTestFinished(() => {
    preopens.close();
    rmSync(parent, { recursive: true, force: true });
  });
  return { inside, outside, root: preopens.directories()[0]![0], preopens };
}

/** The payload of the WitError that `operation` rejects with. */
export async function codeOf(operation: unknown): Promise<unknown> {
  try {
    await (typeof operation === 'function' ? operation() : operation);
  } catch (error) {
    if (error instanceof WitError) return error.payload;
    throw error;
  }
  return 'none';
}

export const FOLLOW = { symlinkFollow: true };
export const READ = { read: true };
export const WRITE = { write: true };

/** All that is in the file at `path`. */
export async function contentOf(root: Descriptor, path: string): Promise<string> {
  using file = await root.openAt(FOLLOW, path, {}, READ);
  const [bytes] = await file.read(1n << 16n, 0n);
  return new TextDecoder().decode(bytes);
}
