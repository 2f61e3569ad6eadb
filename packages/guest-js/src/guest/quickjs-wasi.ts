// Owns the few functions of WASI that the guest's JavaScript calls by itself under QuickJS.
import random from 'hl:wasi/random';
import stderr from 'hl:wasi/stderr';
import stdout from 'hl:wasi/stdout';
import { encode } from './utf8.js';

export interface OutputStream {
  blockingWriteAndFlush(contents: Uint8Array): void;
  [Symbol.dispose](): void;
}

/** What one write takes at most, by WASI's own rule. */
const WRITE_BYTES_MAX = 4096;

export function write(text: string): void {
  writeTo(stdout.getStdout(), text);
}

export function writeError(text: string): void {
  writeTo(stderr.getStderr(), text);
}

/** The stream is asked for each time: a handle from the build would not exist in an instance. */
function writeTo(stream: OutputStream, text: string): void {
  try {
    const bytes = encode(text);
    for (let at = 0; at < bytes.length; at += WRITE_BYTES_MAX) {
      stream.blockingWriteAndFlush(bytes.slice(at, at + WRITE_BYTES_MAX));
    }
  } finally {
    stream[Symbol.dispose]();
  }
}

/** Random bytes, drawn now: whatever was drawn before is part of a snapshot and would come again. */
export function randomBytes(count: number): Uint8Array {
  return random.getRandomBytes(count.toString(16));
}

/** 16 hexadecimal digits. */
export function randomDigits(): string {
  return random.getRandomU64();
}

/** Ends the instance: an integer of more than 64 bits is `unreachable` in the patched component. */
export function stop(): never {
  random.getRandomBytes('f'.repeat(17));
  throw new Error('unreachable');
}
