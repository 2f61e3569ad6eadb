// Owns what may be given as a component, and how its bytes are had.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ComponentError } from '../errors/classes.js';
import type { UrlLike } from '../structural.js';

/** A path from the current directory, a `file:` URL, or the bytes themselves (copied). */
export type ComponentSource = string | UrlLike | Uint8Array | ArrayBuffer;

export interface SourceBytes {
  readonly bytes: Uint8Array;
  /** SHA-256, in hex. */
  readonly hash: string;
}

/** Takes its copy before it returns, so that the caller may go on using the bytes. */
export async function readSource(source: unknown): Promise<SourceBytes> {
  if (ArrayBuffer.isView(source)) {
    return hashed(Buffer.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength)));
  }
  if (source instanceof ArrayBuffer) return hashed(Buffer.from(new Uint8Array(source)));
  return readPath(parsePath(source));
}

function hashed(bytes: Uint8Array): SourceBytes {
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}

async function readPath(path: string): Promise<SourceBytes> {
  try {
    const status = await stat(path);
    // Such as a device, which has no end, or a pipe that nobody writes to.
    if (!status.isFile() && !status.isDirectory()) throw new Error('it is not a regular file');
    return hashed(await readFile(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ComponentError('ERR_HL_COMPONENT_UNREADABLE', `cannot read the component ${path}: ${why}`, {
      cause,
    });
  }
}

function parsePath(source: unknown): string {
  const url = parseUrl(source);
  if (url?.protocol === 'file:') return fileURLToPath(url.href);
  if (url !== undefined) {
    throw new TypeError(
      `component: cannot load from ${url.protocol}//; fetch it first and give its bytes: component: await (await fetch(url)).arrayBuffer()`,
    );
  }
  if (typeof source === 'string' && source !== '') return resolve(source);
  throw new TypeError(
    `component: expected a path, a file: URL, bytes or a Component, got ${source === null ? 'null' : typeof source}`,
  );
}

/** A URL, or a string that can only be one: a scheme of one letter would be a drive. */
function parseUrl(source: unknown): UrlLike | undefined {
  if (typeof source === 'string')
    return /^[a-z][a-z0-9+.-]+:\/\//i.test(source) ? new URL(source) : undefined;
  if (typeof source !== 'object' || source === null) return undefined;
  const { href, protocol } = source as Partial<UrlLike>;
  return typeof href === 'string' && typeof protocol === 'string' ? { href, protocol } : undefined;
}
