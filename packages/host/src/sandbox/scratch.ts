// Owns what all calls of a thread share: the buffers attached to the add-on, a writer and a reader over them.
import { Buffer } from 'node:buffer';
import { type Binding, BUFFER_BYTES, CONTROL_LENGTH } from '../binding.js';
import { Reader } from '../codec/reader.js';
import { giveBack, takeWriter, Writer } from '../codec/writer.js';
import type { LimitName } from '../errors/classes.js';

interface Buffers {
  readonly control: Float64Array;
  readonly request: Buffer;
  readonly reply: Buffer;
  /** Something is being encoded into `request`. */
  isTaken: boolean;
}

/** On the add-on itself: two copies of this package in one thread have one add-on, so they share its buffers. */
const ATTACHED = Symbol.for('@hl/host: attached buffers, 1');

type Attachable = Binding & { [ATTACHED]?: Buffers };

export class Scratch {
  readonly control: Float64Array;
  readonly #buffers: Buffers;
  readonly #writer: Writer;
  readonly #reader: Reader;

  constructor(buffers: Buffers) {
    this.control = buffers.control;
    this.#buffers = buffers;
    this.#writer = new Writer(buffers.request);
    this.#reader = new Reader(buffers.reply);
  }

  /** It writes into the request buffer, unless whoever does so just now runs a getter that encodes in turn. */
  takeWriter(bytesMax: number, limit: LimitName): Writer {
    if (this.#buffers.isTaken) return takeWriter(bytesMax, limit);
    this.#buffers.isTaken = true;
    this.#writer.begin(bytesMax, limit);
    return this.#writer;
  }

  giveBack(writer: Writer): void {
    if (writer === this.#writer) this.#buffers.isTaken = false;
    else giveBack(writer);
  }

  /** Whether what was written lies where the add-on looks for it. */
  isAttached(writer: Writer): boolean {
    return writer.bytes === this.#buffers.request;
  }

  /** Reads what the add-on laid into the reply buffer; up to the next call only. */
  reader(bytes: number): Reader {
    return this.#reader.first(bytes);
  }
}

const known = new WeakMap<Binding, Scratch>();

/** Attached at the first call of it. */
export function scratchOf(binding: Attachable): Scratch {
  let scratch = known.get(binding);
  if (scratch === undefined) {
    scratch = new Scratch(buffersOf(binding));
    known.set(binding, scratch);
  }
  return scratch;
}

function buffersOf(binding: Attachable): Buffers {
  let buffers = binding[ATTACHED];
  if (buffers === undefined) {
    buffers = {
      control: new Float64Array(CONTROL_LENGTH),
      request: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      reply: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      isTaken: false,
    };
    binding.attach(buffers.control, buffers.request, buffers.reply);
    binding[ATTACHED] = buffers;
  }
  return buffers;
}
