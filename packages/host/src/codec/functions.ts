// Owns the codec of a whole function: its parameters, and its result with the err case as a WitError.
import { type FunctionDescriptor, resolve } from '../descriptor.js';
import { WitError } from '../errors/classes.js';
import type { Codec } from './codec.js';
import { type Codecs, UnsupportedType } from './compile.js';
import { Malformed, Mismatch, within } from './mismatch.js';
import { Reader } from './reader.js';
import type { Writer } from './writer.js';

const OK = 0;
const ERR = 1;

export class FunctionCodec {
  readonly #params: readonly Codec[];
  readonly #result: Codec | undefined;
  readonly #err: Codec | undefined;
  /** Whether the function's result is a WIT `result`, whose err case is thrown. */
  readonly #throws: boolean;

  /** Throws an `UnsupportedType` where a value of the function cannot cross the wall. */
  constructor(codecs: Codecs, descriptor: FunctionDescriptor) {
    if (descriptor.async) throw new UnsupportedType('an async function');
    if (descriptor.kind !== 'function') throw new UnsupportedType('a resource');
    this.#params = descriptor.params.map((param) => codecs.of(param.type));
    const type = descriptor.result === undefined ? undefined : resolve(codecs.types, descriptor.result);
    this.#throws = typeof type === 'object' && type.kind === 'result';
    if (typeof type === 'object' && type.kind === 'result') {
      this.#result = type.ok === undefined ? undefined : codecs.of(type.ok);
      this.#err = type.err === undefined ? undefined : codecs.of(type.err);
    } else {
      this.#result = descriptor.result === undefined ? undefined : codecs.of(descriptor.result);
    }
  }

  /** Missing arguments are `undefined`; throws a `Mismatch` with the path from `[0]` on. */
  encodeParams(writer: Writer, args: readonly unknown[]): void {
    const params = this.#params;
    if (args.length > params.length) {
      throw new Mismatch(
        'type',
        `expected ${params.length} arguments, got ${args.length} (options such as signal and timeoutMs go to with())`,
      );
    }
    let index = 0;
    try {
      for (; index < params.length; index++) params[index]!.encode(writer, args[index]);
    } catch (error) {
      throw within(error, index);
    }
  }

  decodeParams(bytes: Uint8Array): unknown[] {
    const reader = new Reader(bytes);
    const args = this.#params.map((param) => param.decode(reader));
    reader.finish();
    return args;
  }

  encodeResult(writer: Writer, value: unknown): void {
    if (this.#throws) writer.u8(OK);
    this.#result?.encode(writer, value);
  }

  /** Whether `payload` could be written as the err case; false for functions that have none. */
  encodeError(writer: Writer, payload: unknown): boolean {
    if (!this.#throws) return false;
    writer.u8(ERR);
    this.#err?.encode(writer, payload);
    return true;
  }

  /** The result; the err case is thrown. */
  decodeResult(bytes: Uint8Array): unknown {
    const reader = new Reader(bytes);
    const discriminant = this.#throws ? reader.u8() : OK;
    if (discriminant > ERR) throw new Malformed(`result discriminant ${discriminant}`);
    const value = (discriminant === OK ? this.#result : this.#err)?.decode(reader);
    reader.finish();
    if (discriminant === ERR) throw new WitError(value);
    return value;
  }
}
