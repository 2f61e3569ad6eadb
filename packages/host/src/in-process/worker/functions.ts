// Owns the component's functions under jco: those that it exports as calls with bytes, those that it imports as JavaScript.
import { compileFunction } from 'node:vm';
import { Codecs } from '../../codec/compile.js';
import type { FunctionDescriptor, InterfaceDescriptor } from '../../descriptor.js';
import { lowerCamel } from '../../names.js';
import type { RunJob } from '../messages.js';
import type { Host } from './host.js';
import { Shapes } from './shapes.js';
import { type Crossing, Signature } from './signature.js';
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

interface Exported {
  readonly signature: Signature;
  readonly find: (instance: Instance) => Callable;
}

export class Functions {
  readonly #job: RunJob;
  readonly #host: Host;
  readonly #instantiate: Instantiate;
  readonly #crossing: Crossing;
  readonly #exports: readonly (() => Exported)[];
  readonly #imports: readonly (() => Callable)[];

  constructor(job: RunJob, host: Host) {
    const { descriptor, source } = job.transpiled;
    this.#job = job;
    this.#host = host;
    const shapes = new Shapes(descriptor.types, refuseHandle);
    this.#crossing = { codecs: new Codecs(descriptor.types), shapes, bytesMax: job.replyBytesMax };
    this.#instantiate = evaluate(source);
    this.#exports = job.exports.map(([owner, name]) => {
      const found = findFunction(descriptor.exports, owner, name);
      return once(() => this.#exported(owner, found));
    });
    this.#imports = job.imports.map(([owner, name], index) => {
      const found = findFunction(descriptor.imports, owner, name);
      return once(() => this.#imported(index, found));
    });
  }

  instantiate(): Instance {
    const { modules } = this.#job.transpiled;
    return this.#instantiate((name) => modules.get(name)!, this.#importObject());
  }

  /** The reply's bytes. Throws what the guest's end, or a host function's, has thrown. */
  call(instance: Instance, index: number, request: Uint8Array): Uint8Array {
    const { signature, find } = this.#exports[index]!();
    const run = find(instance);
    return signature.export(request, (args) => run(...args));
  }

  #exported(owner: string | null, one: FunctionDescriptor): Exported {
    const key = lowerCamel(one.name);
    const find = (instance: Instance): Callable => {
      // jco calls an inline interface by its name in lowerCamel.
      const holder = owner === null ? instance : (instance[owner] ?? instance[lowerCamel(owner)]);
      return (holder as Instance)[key] as Callable;
    };
    return { signature: new Signature(this.#crossing, one), find };
  }

  #imported(index: number, one: FunctionDescriptor): Callable {
    return new Signature(this.#crossing, one).import((request) => this.#host.call(index, request));
  }

  #importObject(): Record<string, Record<string, unknown>> {
    const { transpiled, imports } = this.#job;
    const all = isolatedWasi(transpiled.descriptor, this.#host);
    for (const [index, [owner, name]] of imports.entries()) {
      const run: Callable = (...args) => this.#imports[index]!()(...args);
      const key = owner ?? name;
      all[key] = { ...all[key], [owner === null ? 'default' : lowerCamel(name)]: run };
    }
    return all;
  }
}

const refuseHandle = (): never => {
  throw new Stop({ code: 'load', message: 'it passes a resource' });
};

/** The program that jco wrote is a module with one function that matters. */
function evaluate(source: string): Instantiate {
  const body = source
    .replace('export function instantiate(', 'function instantiate(')
    .replace(/^export const _util = \{[\s\S]*$/m, '');
  const program = compileFunction(`${body}\nreturn instantiate;`, ['WebAssembly', 'TextDecoder'], {
    filename: 'component.js',
  });
  return program(webAssemblyForJco(), StrictDecoder) as Instantiate;
}

/** As the canonical ABI has it: what is not UTF-8 is no string, and U+FEFF at its beginning is part of it. */
class StrictDecoder extends TextDecoder {
  constructor(label?: string, options?: object) {
    super(label, { fatal: true, ignoreBOM: true, ...options });
  }
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

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
