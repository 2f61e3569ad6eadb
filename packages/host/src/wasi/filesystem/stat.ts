// Owns what WASI tells of a file: its type, size and times, and the numbers by which two are told apart.
import { createHash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

const NS_PER_SECOND = 1_000_000_000n;

export interface DescriptorStat {
  readonly type: string;
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime | undefined;
  readonly dataModificationTimestamp: Datetime | undefined;
  readonly statusChangeTimestamp: Datetime | undefined;
}

/** What a `Stats` and a `Dirent` both can be asked. */
interface Kind {
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSymbolicLink(): boolean;
  isFile(): boolean;
  isSocket(): boolean;
}

/** `enum descriptor-type` */
export function typeOf(kind: Kind): string {
  if (kind.isFile()) return 'regular-file';
  if (kind.isDirectory()) return 'directory';
  if (kind.isSymbolicLink()) return 'symbolic-link';
  if (kind.isFIFO()) return 'fifo';
  if (kind.isSocket()) return 'socket';
  if (kind.isCharacterDevice()) return 'character-device';
  return kind.isBlockDevice() ? 'block-device' : 'unknown';
}

export function toStat(stat: BigIntStats): DescriptorStat {
  return {
    type: typeOf(stat),
    linkCount: stat.nlink,
    size: stat.size,
    dataAccessTimestamp: datetime(stat.atimeNs),
    dataModificationTimestamp: datetime(stat.mtimeNs),
    statusChangeTimestamp: datetime(stat.ctimeNs),
  };
}

/** `undefined` for a time before 1970, of which WASI knows nothing. */
export function datetime(ns: bigint): Datetime | undefined {
  if (ns < 0n) return undefined;
  return { seconds: ns / NS_PER_SECOND, nanoseconds: Number(ns % NS_PER_SECOND) };
}

export const isSame = (one: BigIntStats, other: BigIntStats): boolean =>
  one.dev === other.dev && one.ino === other.ino;

/** So that a guest learns which files are the same, and nothing about the disk. */
const secret = randomBytes(16);

export function metadataHash({ dev, ino }: BigIntStats): { readonly lower: bigint; readonly upper: bigint } {
  const hash = createHash('sha256').update(secret).update(`${dev}:${ino}`).digest();
  return { lower: hash.readBigUInt64LE(0), upper: hash.readBigUInt64LE(8) };
}

export type NewTimestamp =
  | { readonly tag: 'no-change' | 'now' }
  | { readonly tag: 'timestamp'; readonly val: Datetime };

/** In seconds, as Node's `utimes` wants it. */
export function secondsOf(wanted: NewTimestamp, currentNs: bigint): number {
  switch (wanted.tag) {
    case 'no-change':
      return Number(currentNs) / Number(NS_PER_SECOND);
    case 'now':
      return Date.now() / 1000;
    case 'timestamp':
      return Number(wanted.val.seconds) + wanted.val.nanoseconds / Number(NS_PER_SECOND);
  }
}
