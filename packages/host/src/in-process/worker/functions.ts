// Owns the component's functions under jco: those that it exports as calls with bytes, those that it imports as JavaScript.
import { compileFunction } from 'node:vm';
import { Codecs } from '../../codec/compile.js';
import { FunctionCodec } from '../../codec/functions.js';
import { Reader } from '../../codec/reader.js';
import { Writer } from '../../codec/writer.js';
import type { FunctionDescriptor, InterfaceDescriptor } from '../../descriptor.js';
import { lowerCamel } from '../../names.js';
import type { RunJob } from '../messages.js';
import type { Host } from './host.js';
import { Stop } from './stop.js';
import { isolatedWasi } from './wasi.js';
import { webAssemblyForJco } from './wasm.js';

/** What jco's `instantiate` answers: functions, and objects of them for interfaces. */
export type Instance = Readonly<Record<string, unknown>>;

type Instantiate = (
  getModule: (name: string) => object,
  imports: Record<string, Record<string, unknown>>,
) => Instance;

type Callable = (...args: unknown[]) => unknown;

interface Bound {
  readonly name: string;
  readonly codec: FunctionCodec;
  readonly find: (instance: Instance) => Callable;
}

export class Functions {
  readonly #job: RunJob;
  readonly #host: Host;
  readonly #instantiate: Instantiate;
  readonly #exports: readonly (() => Bound)[];
  readonly #writer = new Writer();
  readonly #codecs: Codecs;

  constructor(job: RunJob, host: Host) {
    const { descriptor, source } = job.transpiled;
    this.#job = job;
    this.#host = host;
    this.#codecs = new Codecs(descriptor.types);
    this.#instantiate = evaluate(source);
    this.#exports = job.exports.map(([owner, name]) => {
      const found = findFunction(descriptor.exports, owner, name);
      return once(() => this.#bind(owner, found));
    });
  }

  instantiate(): Instance {
    const { modules } = this.#job.transpiled;
    return this.#instantiate((name) => modules.get(name)!, this.#imports());
  }

  /** The reply's bytes. Throws what the guest's end, or a host function's, has thrown. */
  call(instance: Instance, index: number, request: Uint8Array): Uint8Array {
    const bound = this.#exports[index]!();
    const args = bound.codec.decodeParams(new Reader(request));
    const run = bound.find(instance);
    const writer = this.#writer;
    let result: unknown;
    try {
      result = run(...args);
    } catch (thrown) {
      if (!isPayload(thrown)) throw thrown;
      writer.begin(this.#job.replyBytesMax, 'maxReplyBytes');
      if (!bound.codec.encodeError(writer, thrown.payload)) throw thrown;
      return new Uint8Array(writer.finish());
    }
    writer.begin(this.#job.replyBytesMax, 'maxReplyBytes');
    bound.codec.encodeResult(writer, result);
    return new Uint8Array(writer.finish());
  }

  #bind(owner: string | null, one: FunctionDescriptor): Bound {
    const key = lowerCamel(one.name);
    const find = (instance: Instance): Callable => {
      const holder = owner === null ? instance : (instance[owner] as Instance);
      return holder[key] as Callable;
    };
    return { name: one.name, codec: FunctionCodec.of(this.#codecs, one), find };
  }

  #imports(): Record<string, Record<string, unknown>> {
    const { transpiled, imports } = this.#job;
    const all = isolatedWasi(transpiled.descriptor, this.#host);
    for (const [index, [owner, name]] of imports.entries()) {
      const run = this.#import(index, findFunction(transpiled.descriptor.imports, owner, name));
      const key = owner ?? name;
      all[key] = { ...all[key], [owner === null ? 'default' : lowerCamel(name)]: run };
    }
    return all;
  }

  #import(index: number, one: FunctionDescriptor): Callable {
    const codec = once(() => FunctionCodec.of(this.#codecs, one));
    return (...args) => {
      // Its own: values are encoded while another call's may be.
      const writer = new Writer();
      writer.begin(this.#job.replyBytesMax, 'maxReplyBytes');
      codec().encodeParams(writer, args);
      const reply = this.#host.call(index, new Uint8Array(writer.finish()));
      // The err case is thrown as a WitError, in whose `payload` jco finds it.
      return codec().decodeResult(new Reader(reply));
    };
  }
}

/** The program that jco wrote is a module with one function that matters. */
function evaluate(source: string): Instantiate {
  const body = source
    .replace('export function instantiate(', 'function instantiate(')
    .replace(/^export const _util = \{[\s\S]*$/m, '');
  const program = compileFunction(`${body}\nreturn instantiate;`, ['WebAssembly'], {
    filename: 'component.js',
  });
  return program(webAssemblyForJco()) as Instantiate;
}

function findFunction(
  interfaces: readonly InterfaceDescriptor[],
  owner: string | null,
  name: string,
): FunctionDescriptor {
  const found = interfaces
    .find((one) => one.name === owner)
    ?.functions.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Stop({ code: 'load', message: `there is no function ${name}` });
  return found;
}

/** As jco throws the err case of an export's result. */
const isPayload = (thrown: unknown): thrown is { readonly payload: unknown } =>
  typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, 'payload');

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
