// Owns the few WebAssembly instructions that functions of ours are made of, and walking over those of others.
import { BinaryReader, u32 } from './binary.js';

export const I32 = 0x7f;
export const I64 = 0x7e;
const NO_VALUE = 0x40;

/** Instructions as bytes, by what they do. */
export const op = {
  unreachable: [0x00],
  block: [0x02, NO_VALUE],
  loop: [0x03, NO_VALUE],
  if: [0x04, NO_VALUE],
  end: [0x0b],
  branch: (depth: number) => [0x0c, ...leb(depth)],
  branchIf: (depth: number) => [0x0d, ...leb(depth)],
  return: [0x0f],
  call: (index: number) => [0x10, ...leb(index)],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  globalGet: (index: number) => [0x23, ...leb(index)],
  globalSet: (index: number) => [0x24, ...leb(index)],
  tee: (local: number) => [0x22, local],
  load: [0x28, 2, 0],
  loadByte: [0x2d, 0, 0],
  storeByte: [0x3a, 0, 0],
  i32: (value: number) => [0x41, ...signed(value)],
  i64: (value: number) => [0x42, ...signed(value)],
  eqz: [0x45],
  equal: [0x46],
  greater: [0x4b],
  add: [0x6a],
  subtract: [0x6b],
  multiply: [0x6c],
  and: [0x71],
  shiftRight: [0x76],
  or64: [0x84],
  shiftLeft64: [0x86],
  shiftRight64: [0x88],
  wrap: [0xa7],
  extend: [0xad],
};

/** The head of a function's body. */
export function locals(...groups: [count: number, type: number][]): number[] {
  return [groups.length, ...groups.flat()];
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** A small signed LEB128 number: bit 6 of the last byte is the sign. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

const CALL = 0x10;
export const I32_CONST = 0x41;
const PREFIXED = 0xfc;
/** `memory.init`, `data.drop`, `memory.copy` and so on, by their numbers after the prefix: how many indices follow. */
const PREFIXED_INDICES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

export interface Call {
  /** The function that is called. */
  index: number;
  /** What the instruction before it put on the stack, if that is a number. */
  argument: number | undefined;
}

/** A function's body with the functions that it calls replaced; `replace` answers the index to call. */
export function withCalls(body: Uint8Array, replace: (call: Call) => number): number[] {
  const reader = new BinaryReader(body);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    reader.byte();
  }
  const out = [...body.subarray(0, reader.at)];
  let argument: number | undefined;
  while (!reader.isDone) {
    const start = reader.at;
    const code = reader.byte();
    if (code === CALL) {
      out.push(CALL, ...u32(replace({ index: reader.u32(), argument })));
      argument = undefined;
      continue;
    }
    argument = code === I32_CONST ? signedAt(reader) : undefined;
    if (code !== I32_CONST) skipImmediates(code, reader);
    out.push(...body.subarray(start, reader.at));
  }
  return out;
}

/** A signed number of up to 32 bits. */
export function signedAt(reader: BinaryReader): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.byte();
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    if (shift > 28) throw new RangeError('a number in the binary is too long');
  }
}

function skipImmediates(code: number, reader: BinaryReader): void {
  // Blocks have a type, branches a depth, variables an index, constants a number: one of any length.
  if ((code >= 0x02 && code <= 0x04) || code === 0x42) return skipNumbers(1, reader);
  if (code === 0x0c || code === 0x0d || code === 0x12) return skipNumbers(1, reader);
  if (code === 0x0e || code === 0x1c) return skipNumbers(reader.u32() + (code === 0x0e ? 1 : 0), reader);
  if (code === 0x11 || code === 0x13) return skipNumbers(2, reader);
  if (code >= 0x20 && code <= 0x26) return skipNumbers(1, reader);
  // A load or store has an alignment and an offset.
  if (code >= 0x28 && code <= 0x3e) return skipNumbers(2, reader);
  if (code === 0x3f || code === 0x40 || code === 0xd0 || code === 0xd2) return skipNumbers(1, reader);
  if (code === 0x43) reader.take(4);
  if (code === 0x44) reader.take(8);
  if (code === PREFIXED) {
    const indices = PREFIXED_INDICES[reader.u32()];
    if (indices === undefined) throw new RangeError('an instruction that is not known here');
    skipNumbers(indices, reader);
  }
  if (code > PREFIXED) throw new RangeError(`an instruction that is not known here: ${code}`);
}

function skipNumbers(count: number, reader: BinaryReader): void {
  for (let left = count; left > 0; left--) while (reader.byte() >= 0x80);
}
