// Owns what is noted in a snapshot's file besides the guest's state, and where such a file may lie.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SnapshotError } from '../errors/classes.js';
import type { UrlLike } from '../structural.js';

/** Which compiled code the state belongs to. */
export interface Note {
  /** SHA-256 of the component, in hex. */
  readonly component: string;
  /** What the code depends on besides, in hex. */
  readonly config: string;
  /** The parts of WASI that the guest was granted. */
  readonly granted: readonly string[];
}

export const printNote = (note: Note): string => JSON.stringify(note);

/** A claim: a file's name is made of it. */
export function parseNote(file: string, text: string): Note {
  try {
    const { component, config, granted } = JSON.parse(text) as Partial<Record<keyof Note, unknown>>;
    if (isHash(component) && isHash(config) && isNames(granted)) return { component, config, granted };
  } catch {
    // Told below, with the same words: not JSON, or not these three.
  }
  throw new SnapshotError('format', `${file} does not tell which component it belongs to`);
}

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && /^[a-z]{1,20}$/.test(one));

/** A path from the current directory, or a `file:` URL. */
export function parsePath(path: unknown): string {
  if (typeof path === 'string' && path !== '') return resolve(path);
  const { href, protocol } = (path ?? {}) as Partial<UrlLike>;
  if (typeof href === 'string' && protocol === 'file:') return fileURLToPath(href);
  const got = typeof path === 'string' ? 'an empty one' : path === null ? 'null' : typeof path;
  throw new TypeError(`path: expected a path or a file: URL, got ${got}`);
}
