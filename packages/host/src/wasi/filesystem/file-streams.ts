// Owns the streams over a file: each read and write waits for the disk, so that no bytes lie about in between.
import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { WitError } from '../../errors/classes.js';
import { CHUNK_BYTES, closed, failed, IoError, type Sink, type Source } from '../streams.js';
import { ALWAYS_READY } from '../waiting.js';
import { fileError, toFileError } from './error-code.js';
import type { OpenFile } from './open-files.js';

const readAsync = promisify(read) as (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: bigint,
) => Promise<{ bytesRead: number }>;
const writeAsync = promisify(write) as (
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
) => Promise<{ bytesWritten: number }>;

/** As far as Node's positions reach exactly. */
const POSITION_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Fewer bytes than asked for near the file's end, none at it. */
export async function readAt(file: OpenFile, bytes: number, position: bigint): Promise<Uint8Array> {
  if (bytes === 0 || position > POSITION_MAX) return new Uint8Array(0);
  const buffer = new Uint8Array(bytes);
  const { bytesRead } = await file.use((fd) => readAsync(fd, buffer, 0, bytes, position));
  return buffer.subarray(0, bytesRead);
}

/** Writes all of `bytes`; without a position at the file's end. */
export async function writeAt(
  file: OpenFile,
  bytes: Uint8Array,
  position: bigint | undefined,
): Promise<void> {
  if (position !== undefined && position + BigInt(bytes.length) > POSITION_MAX)
    throw fileError('file-too-large');
  await file.use(async (fd) => {
    for (let at = 0; at < bytes.length; ) {
      const to = position === undefined ? null : Number(position) + at;
      const { bytesWritten } = await writeAsync(fd, bytes, at, bytes.length - at, to);
      at += bytesWritten;
    }
  });
}

/** A stream tells of its failures by an `error`, from which `filesystem-error-code` gets the code. */
function toStreamError(error: unknown): unknown {
  const thrown = toFileError(error);
  if (!(thrown instanceof WitError)) return thrown;
  const code = String(thrown.payload);
  return failed(new IoError(`file operation failed: ${code}`, { filesystem: code }));
}

/** `file` is released with the stream. */
export function fileSource(file: OpenFile, from: bigint): Source {
  let position = from;
  return {
    ...ALWAYS_READY,
    async read(bytesMax) {
      try {
        const bytes = await readAt(file, bytesMax, position);
        position += BigInt(bytes.length);
        return bytes.length === 0 && bytesMax > 0 ? undefined : bytes;
      } catch (error) {
        throw toStreamError(error);
      }
    },
    close: () => file.release(),
  };
}

/** `file` is released with the stream; without `from` it appends. */
export function fileSink(file: OpenFile, from: bigint | undefined): Sink {
  let position = from;
  let isClosed = false;
  return {
    ...ALWAYS_READY,
    capacity() {
      if (isClosed) throw closed();
      return CHUNK_BYTES;
    },
    async write(bytes) {
      try {
        await writeAt(file, bytes, position);
        if (position !== undefined) position += BigInt(bytes.length);
      } catch (error) {
        throw toStreamError(error);
      }
    },
    flush: () => undefined,
    close() {
      isClosed = true;
      file.release();
    },
  };
}
