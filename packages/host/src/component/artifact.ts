// Owns reading the file that hl-compile writes: magic, JSON header, compiled code. What it says is a claim:
// a file that does not hold what it says it holds is damaged, and is compiled anew.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { BindingCode } from '../binding.js';
import type { WorldDescriptor } from '../descriptor.js';

const MAGIC = 'HLC\0\0\0\0\x02';
const PREFIX_BYTES = MAGIC.length + 4;
/** SHA-256 of the header, behind it. */
const HASH_BYTES = 32;
const HEADER_BYTES_MAX = 64 << 20;
/** Most headers fit: one read instead of two. */
const FIRST_READ_BYTES = 64 << 10;
const PAGE_BYTES = 4096;
export const ARTIFACT_FORMAT = 2;

/** One compiled component, as it lies in the cache. */
export interface Artifact {
  readonly path: string;
  readonly hash: string;
  /** What the compiled code depends on besides the component. */
  readonly config: string;
  readonly codeOffset: number;
  readonly codeBytes: number;
  readonly textOffset: number;
  readonly textBytes: number;
  /** XXH3 of the code, 16 hexadecimal digits. Whoever reads the code compares it. */
  readonly codeChecksum: string;
  readonly descriptor: WorldDescriptor;
  readonly wit: string;
  /** Imported functions that the VM itself serves, as `interface#function`. */
  readonly wasi: ReadonlySet<string>;
}

/** Why a file in the cache cannot be used. */
export class DamagedArtifact extends Error {}

export interface Expected {
  readonly hash: string;
  readonly config: string;
}

/** As the add-on wants it. */
export function codeOf({
  path,
  codeOffset,
  codeBytes,
  textOffset,
  textBytes,
  codeChecksum,
}: Artifact): BindingCode {
  return { artifactPath: path, codeOffset, codeBytes, textOffset, textBytes, codeChecksum };
}

/** Throws a `DamagedArtifact`, or what the file system throws (`ENOENT` if it is not there). */
export async function readArtifact(path: string, expected: Expected): Promise<Artifact> {
  // Not blocking: a pipe in the file's place would be waited for without an end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Both at once: what waits for a disk, or for a thread to do so, is most of the time that this takes.
    const [status, first] = await Promise.allSettled([file.stat(), readUpTo(file, 0, FIRST_READ_BYTES)]);
    if (status.status === 'rejected') throw status.reason;
    if (!status.value.isFile()) throw new DamagedArtifact('not a file');
    if (first.status === 'rejected') throw first.reason;
    const { size } = status.value;
    const start = first.value;
    const end = headerEnd(start, size) + HASH_BYTES;
    const rest = await readUpTo(file, start.length, end - start.length);
    return parseArtifact(path, Buffer.concat([start, rest]), size, expected);
  } finally {
    // Nobody has to wait for that.
    file.close().catch(() => undefined);
  }
}

/** What a file of `size` bytes says that begins with `bytes`, the whole header among them. Throws a `DamagedArtifact`. */
export function parseArtifact(path: string, bytes: Buffer, size: number, expected: Expected): Artifact {
  const end = headerEnd(bytes, size);
  const header = bytes.subarray(PREFIX_BYTES, end);
  const hash = createHash('sha256').update(header).digest();
  if (!hash.equals(bytes.subarray(end, end + HASH_BYTES)))
    throw new DamagedArtifact('header is not what was written');
  return { path, config: expected.config, ...parseHeader(parseJson(header.toString()), expected, size) };
}

/** Where the header ends that a file of `size` bytes begins with. */
function headerEnd(start: Buffer, size: number): number {
  if (start.length < PREFIX_BYTES || start.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new DamagedArtifact('wrong magic');
  }
  const end = PREFIX_BYTES + start.readUInt32LE(MAGIC.length);
  if (end + HASH_BYTES > Math.min(size, HEADER_BYTES_MAX)) throw new DamagedArtifact('header is cut off');
  return end;
}

interface ReadableFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

/** Fewer bytes than asked for if the file became shorter meanwhile; none if `length` is not positive. */
async function readUpTo(file: ReadableFile, position: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, with the same words: not JSON, or not an object.
  }
  throw new DamagedArtifact('header is not a JSON object');
}

/** What a header says, and what of it cannot be. Throws a `DamagedArtifact`. */
export function parseHeader(
  header: Record<string, unknown>,
  expected: Expected,
  size: number,
): Omit<Artifact, 'path' | 'config'> {
  if (header['format'] !== ARTIFACT_FORMAT) throw new DamagedArtifact(`format ${String(header['format'])}`);
  if (header['config'] !== expected.config) throw new DamagedArtifact('compiled for another configuration');
  if (header['componentSha256'] !== expected.hash)
    throw new DamagedArtifact('compiled from another component');
  const codeOffset = count(header, 'codeOffset');
  const codeBytes = count(header, 'codeBytes');
  const textOffset = count(header, 'textOffset');
  const textBytes = count(header, 'textBytes');
  if (codeOffset % PAGE_BYTES !== 0 || codeOffset + codeBytes !== size) {
    throw new DamagedArtifact(`code from ${codeOffset}, ${codeBytes} bytes, in a file of ${size}`);
  }
  // The last page of text may be the code's last, which the file does not fill.
  if (
    textOffset % PAGE_BYTES !== 0 ||
    textOffset + textBytes > Math.ceil(codeBytes / PAGE_BYTES) * PAGE_BYTES
  ) {
    throw new DamagedArtifact(`text from ${textOffset}, ${textBytes} bytes, in code of ${codeBytes}`);
  }
  const { descriptor, wit, wasi, codeChecksum } = header;
  if (typeof codeChecksum !== 'string' || !/^[0-9a-f]{16}$/.test(codeChecksum)) {
    throw new DamagedArtifact(`codeChecksum is ${String(codeChecksum)}`);
  }
  if (!isDescriptor(descriptor) || typeof wit !== 'string' || !isStrings(wasi)) {
    throw new DamagedArtifact('descriptor, wit or wasi is missing');
  }
  return {
    hash: expected.hash,
    codeOffset,
    codeBytes,
    textOffset,
    textBytes,
    codeChecksum,
    descriptor,
    wit,
    wasi: new Set(wasi),
  };
}

function count(header: Record<string, unknown>, name: string): number {
  const value = header[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new DamagedArtifact(`${name} is ${String(value)}`);
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

// Only the outline: what is inside is checked where it is used, by the codec and the comparison of worlds.
function isDescriptor(value: unknown): value is WorldDescriptor {
  if (typeof value !== 'object' || value === null) return false;
  const { version, types, imports, exports } = value as Partial<Record<keyof WorldDescriptor, unknown>>;
  return version === 1 && Array.isArray(types) && Array.isArray(imports) && Array.isArray(exports);
}
