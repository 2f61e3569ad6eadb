// Owns the hostile guest's language: its attacks, what they answer, and the messages that it is told to forge.
import { Buffer } from 'node:buffer';

/** What came of an attempt, as the guest itself saw it. */
export interface Fate {
  readonly trapped: boolean;
  /** The exception's vector, or what was found. */
  readonly value: bigint;
  readonly errorCode: bigint;
  readonly address: bigint;
  readonly more: Buffer;
}

const FATE_BYTES = 32;

export function parseFate(bytes: Uint8Array): Fate {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number): bigint => buffer.readBigUInt64LE(index * 8);
  const [value, errorCode, address] = [word(1), word(2), word(3)];
  return { trapped: word(0) !== 0n, value, errorCode, address, more: buffer.subarray(FATE_BYTES) };
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}

export function u64(...values: bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt.asUintN(64, value), index * 8);
  return bytes;
}

/** As a string lies on the wire. */
export const text = (value: string): Buffer =>
  Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);

/** Kinds of the guest's messages: see guest-rust/abi. */
export const Kind = {
  READY: 1,
  RETURNED: 2,
  FAILED: 3,
  HOST_CALL: 4,
  MORE: 5,
  FLUSH: 6,
  OUTPUT: 7,
  COMMIT: 8,
  PANIC: 9,
} as const;

/** Why a call failed, as a guest says it. */
export const Failed = {
  TRAP: 1,
  BAD_REQUEST: 2,
  LOAD: 3,
  HOST_FUNCTION: 4,
  BAD_RESULT: 5,
  EXIT: 6,
  OUT_OF_MEMORY: 7,
} as const;

export interface Forged {
  readonly kind: number;
  readonly argument?: number;
  readonly detail?: number;
  /** How many bytes it claims to carry; as many as it has, unless it lies. */
  readonly claims?: number;
  readonly address?: bigint;
  readonly length?: bigint;
  readonly payload?: Uint8Array;
  /** By how much its number is ahead of the host's. */
  readonly lead?: number;
  /** Leaves the VM, watches for the answer, or goes on without one: after a while, or at once. */
  readonly posting?: 'rings' | 'watches' | 'pauses' | 'goes on';
}

const POSTINGS = ['rings', 'watches', 'pauses', 'goes on'];

/** The message as the guest lays it into the mailbox, without its number. */
export function headerOf({
  kind,
  argument = 0,
  detail = 0,
  claims,
  payload,
  address,
  length,
}: Forged): Buffer {
  return Buffer.concat([
    u32(kind, argument, detail, claims ?? payload?.length ?? 0),
    u64(address ?? 0n, length ?? 0n),
  ]);
}

/** What the guest is to say, one after the other. */
export function scriptOf(messages: readonly Forged[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const { lead = 0, posting = 'rings', payload = Buffer.alloc(0) } = message;
      return [u32(POSTINGS.indexOf(posting), lead), headerOf(message), u32(payload.length), payload];
    }),
  );
}

/** What the host answered: `HostReply` is 4, `Chunk` 5, `Continue` 6. */
export interface Answered {
  readonly kind: number;
  readonly argument: number;
  /** By how much its number went up. */
  readonly step: number;
  readonly payload: string;
}

export function recordOf({ more }: Fate): Answered[] {
  const record: Answered[] = [];
  for (let at = 0; at < more.length; ) {
    const [kind, argument, step, length] = [0, 4, 8, 12].map((offset) => more.readUInt32LE(at + offset));
    const payload = more.toString('latin1', at + 16, at + 16 + length!);
    record.push({ kind: kind!, argument: argument!, step: step!, payload });
    at += 16 + length!;
  }
  return record;
}

/** As JavaScript names an export. */
export const exportKey = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** From what the host told the guest to load, which is exports, then imports: the imports' names in their order. */
export function importsOf(payload: Buffer): string[] {
  let at = 0;
  const take = (count: number): Buffer => {
    at += count;
    return payload.subarray(at - count, at);
  };
  const number = (): number => take(4).readUInt32LE();
  const name = (): string => take(number()).toString();
  const list = (): string[] =>
    Array.from({ length: number() }, () => {
      if (take(1)[0] === 1) name();
      return name();
    });
  list();
  return list();
}
