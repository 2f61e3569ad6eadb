// Owns the codec of a whole function: its parameters, and its result with the err case as a WitError.
import { type FunctionDescriptor, resolve, type TypeRef } from '../descriptor.js';
import { WitError } from '../errors/classes.js';
import type { Handles } from '../resources/handles.js';
import type { Codec } from './codec.js';
import { type Codecs, UnsupportedType } from './compile.js';
import { Malformed, Mismatch, within } from './mismatch.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

const OK = 0;
const ERR = 1;

export class FunctionCodec {
  readonly #params: readonly Codec[];
  /** The only parameter, where there is one only. */
  readonly #sole: Codec | undefined;
  readonly #result: Codec | undefined;
  readonly #err: Codec | undefined;
  /** Whether the function's result is a WIT `result`, whose err case is thrown. */
  readonly #throws: boolean;

  private constructor(params: readonly Codec[], { value, err, throws }: ResultCodec) {
    this.#params = params;
    this.#sole = params.length === 1 ? params[0] : undefined;
    this.#result = value;
    this.#err = err;
    this.#throws = throws;
  }

  /** Throws an `UnsupportedType` where a value of the function cannot cross the wall. */
  static of(codecs: Codecs, descriptor: FunctionDescriptor): FunctionCodec {
    if (descriptor.async) throw new UnsupportedType('an async function');
    const params = descriptor.params.map((param) => codecs.of(param.type));
    return new FunctionCodec(params, resultCodec(codecs, descriptor));
  }

  /** Of a function that takes one value and answers nothing. */
  static taking(param: Codec): FunctionCodec {
    return new FunctionCodec([param], { value: undefined, err: undefined, throws: false });
  }

  /** Missing arguments are `undefined`; throws a `Mismatch` with the path from `[0]` on. */
  encodeParams(writer: Writer, args: readonly unknown[]): void {
    const params = this.#params;
    const { length } = params;
    if (args.length > length) throw tooMany(length, args.length);
    if (length === 0) return;
    let index = 0;
    try {
      if (this.#sole !== undefined) this.#sole.encode(writer, args[0]);
      else for (; index < length; index++) params[index]!.encode(writer, args[index]);
    } catch (error) {
      throw within(error, index);
    }
  }

  decodeParams(reader: Reader): unknown[] {
    const { handles } = reader;
    return handles === undefined ? this.#arguments(reader) : whole(handles, () => this.#arguments(reader));
  }

  #arguments(reader: Reader): unknown[] {
    const args =
      this.#sole !== undefined
        ? [this.#sole.decode(reader)]
        : this.#params.map((param) => param.decode(reader));
    reader.finish();
    return args;
  }

  encodeResult(writer: Writer, value: unknown): void {
    if (this.#throws) writer.u8(OK);
    if (this.#result !== undefined) this.#result.encode(writer, value);
  }

  /** Whether `payload` could be written as the err case; false for functions that have none. */
  encodeError(writer: Writer, payload: unknown): boolean {
    if (!this.#throws) return false;
    writer.u8(ERR);
    this.#err?.encode(writer, payload);
    return true;
  }

  /** The result; the err case is thrown. */
  decodeResult(reader: Reader): unknown {
    const { handles } = reader;
    return handles === undefined ? this.#value(reader) : whole(handles, () => this.#value(reader));
  }

  #value(reader: Reader): unknown {
    if (this.#throws) return this.#decodeEither(reader);
    const value = this.#result === undefined ? undefined : this.#result.decode(reader);
    reader.finish();
    return value;
  }

  #decodeEither(reader: Reader): unknown {
    const discriminant = reader.u8();
    if (discriminant > ERR) throw new Malformed(`result discriminant ${discriminant}`);
    const value = (discriminant === OK ? this.#result : this.#err)?.decode(reader);
    reader.finish();
    if (discriminant === ERR) throw new WitError(value);
    return value;
  }
}

/** What a guest gives back among values of which a later one is damaged, nobody gets: it is as if it were not given. */
function whole<T>({ host }: Handles, read: () => T): T {
  let isWhole = false;
  try {
    const value = read();
    isWhole = true;
    return value;
  } catch (error) {
    isWhole = error instanceof WitError;
    throw error;
  } finally {
    host.wasRead(isWhole);
  }
}

interface ResultCodec {
  readonly value: Codec | undefined;
  readonly err: Codec | undefined;
  readonly throws: boolean;
}

function resultCodec(codecs: Codecs, { result }: FunctionDescriptor): ResultCodec {
  const maybe = (ref: TypeRef | undefined): Codec | undefined =>
    ref === undefined ? undefined : codecs.of(ref);
  const type = result === undefined ? undefined : resolve(codecs.types, result);
  if (typeof type === 'object' && type.kind === 'result') {
    return { value: maybe(type.ok), err: maybe(type.err), throws: true };
  }
  return { value: maybe(result), err: undefined, throws: false };
}

function tooMany(expected: number, got: number): Mismatch {
  return new Mismatch(
    'type',
    `expected ${expected} arguments, got ${got} (options such as signal and timeoutMs go to with())`,
  );
}
