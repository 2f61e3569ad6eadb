// Owns taking the arguments of a call that has to wait: as they are now, whatever becomes of them meanwhile.
import { Mismatch } from '../codec/mismatch.js';
import { giveBack, takeWriter } from '../codec/writer.js';
import type { Transfer } from '../resources/handles.js';
import type { BoundFunction } from '../world/functions.js';

/** Throws the user's mistake, or a LimitError. */
export function encodeArguments(
  callee: BoundFunction,
  args: unknown[],
  bytesMax: number,
  transfer: Transfer | undefined,
): Uint8Array {
  const writer = takeWriter(bytesMax, 'maxRequestBytes');
  writer.transfer = transfer;
  try {
    callee.codec.encodeParams(writer, args);
    return new Uint8Array(writer.finish());
  } catch (error) {
    transfer?.undo();
    throw error instanceof Mismatch ? error.toUserError('args') : error;
  } finally {
    giveBack(writer);
  }
}
