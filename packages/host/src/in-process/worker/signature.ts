// Owns one function's values between bytes and jco: its parameters, its result, and how its err case travels.
import type { Codecs } from '../../codec/compile.js';
import { FunctionCodec } from '../../codec/functions.js';
import { Reader } from '../../codec/reader.js';
import { Writer } from '../../codec/writer.js';
import { type FunctionDescriptor, resolve } from '../../descriptor.js';
import { WitError } from '../../errors/classes.js';
import { back, forth, type Shape, type Shapes } from './shapes.js';

export interface Crossing {
  readonly codecs: Codecs;
  readonly shapes: Shapes;
  /** What a result, or a host function's arguments, may take. */
  readonly bytesMax: number;
}

export class Signature {
  readonly #codec: FunctionCodec;
  readonly #bytesMax: number;
  readonly #params: readonly (Shape | undefined)[];
  readonly #result: Shape | undefined;
  readonly #err: Shape | undefined;
  /** jco throws the err case of a result that is written out in the signature, and returns that of a named one. */
  readonly #throws: boolean;
  readonly #isEither: boolean;

  constructor({ codecs, shapes, bytesMax }: Crossing, { params, result, ...rest }: FunctionDescriptor) {
    this.#codec = FunctionCodec.of(codecs, { params, ...(result === undefined ? {} : { result }), ...rest });
    this.#bytesMax = bytesMax;
    this.#params = params.map((param) => shapes.of(param.type));
    const { types } = codecs;
    const type = result === undefined ? undefined : resolve(types, result);
    this.#isEither = typeof type === 'object' && type.kind === 'result';
    this.#throws = typeof result === 'number' && types[result]!.kind === 'result';
    if (typeof type === 'object' && type.kind === 'result') {
      this.#result = shapes.of(type.ok);
      this.#err = shapes.of(type.err);
    } else {
      this.#result = shapes.of(result);
    }
  }

  /** Runs an export: arguments as bytes, and the reply likewise. Throws what jco throws that is no err case. */
  export(request: Uint8Array, run: (args: unknown[]) => unknown): Uint8Array {
    const args = this.#codec.decodeParams(new Reader(request));
    const forJco = args.map((value, index) => forth(this.#params[index], value));
    let result: unknown;
    try {
      result = run(forJco);
    } catch (thrown) {
      if (this.#throws && isPayload(thrown)) return this.#error(thrown.payload);
      throw thrown;
    }
    if (!this.#isEither || this.#throws) return this.#ok(result);
    const { tag, val } = result as { tag: string; val?: unknown };
    return tag === 'err' ? this.#error(val) : this.#ok(val);
  }

  /** Makes an import of `call`, which takes and answers bytes. */
  import(call: (request: Uint8Array) => Uint8Array): (...args: unknown[]) => unknown {
    return (...args) => {
      const values = args.map((value, index) => back(this.#params[index], value));
      const reply = call(this.#write((writer) => this.#codec.encodeParams(writer, values)));
      return this.#answer(reply);
    };
  }

  #answer(reply: Uint8Array): unknown {
    try {
      const value = this.#codec.decodeResult(new Reader(reply));
      const ok = forth(this.#result, value);
      return this.#isEither && !this.#throws ? { tag: 'ok', val: ok } : ok;
    } catch (thrown) {
      if (!(thrown instanceof WitError)) throw thrown;
      const payload = forth(this.#err, thrown.payload);
      if (!this.#throws) return { tag: 'err', val: payload };
      // Where jco looks for it.
      throw Object.assign(new Error('the err case'), { payload });
    }
  }

  #ok(value: unknown): Uint8Array {
    const result = back(this.#result, value);
    return this.#write((writer) => this.#codec.encodeResult(writer, result));
  }

  #error(payload: unknown): Uint8Array {
    const error = back(this.#err, payload);
    return this.#write((writer) => this.#codec.encodeError(writer, error));
  }

  /** A writer of its own each time: while a guest runs, its host functions' values are written, too. */
  #write(encode: (writer: Writer) => void): Uint8Array {
    const writer = new Writer();
    writer.begin(this.#bytesMax, 'maxReplyBytes');
    encode(writer);
    return new Uint8Array(writer.finish());
  }
}

const isPayload = (thrown: unknown): thrown is { readonly payload: unknown } =>
  typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, 'payload');
