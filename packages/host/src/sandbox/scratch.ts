// Owns the buffers that this thread shares with the add-on: what a call is described in, and where answers lie.
import { Buffer } from 'node:buffer';
import { type Binding, BUFFER_BYTES, CONTROL_LENGTH } from '../binding.js';

export interface Scratch {
  readonly control: Float64Array;
  readonly request: Buffer;
  readonly reply: Buffer;
}

/** On the add-on itself: two copies of this package in one thread have one add-on, so they share its buffers. */
const ATTACHED = Symbol.for('@hl/host: attached buffers, 1');

type Attachable = Binding & { [ATTACHED]?: Scratch };

/** Attached at the first call of it. */
export function scratchOf(binding: Attachable): Scratch {
  let scratch = binding[ATTACHED];
  if (scratch === undefined) {
    scratch = {
      control: new Float64Array(CONTROL_LENGTH),
      request: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      reply: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    };
    binding.attach(scratch.control, scratch.request, scratch.reply);
    binding[ATTACHED] = scratch;
  }
  return scratch;
}
