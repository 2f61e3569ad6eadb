// Owns the component's functions under jco: those that it exports as calls with bytes, those that it imports as JavaScript.
import { compileFunction } from 'node:vm';
import { Codecs } from '../../codec/compile.js';
import { Reader } from '../../codec/reader.js';
import type { FunctionDescriptor } from '../../descriptor.js';
import { lowerCamel, upperCamel } from '../../names.js';
import { meaningOf, memberOf, Resources, type Side } from '../../resources/resource.js';
import type { RunJob } from '../messages.js';
import type { Host } from './host.js';
import { type ImportParts, importObject } from './import-object.js';
import { Handles, withoutHandles } from './resources.js';
import { Shapes } from './shapes.js';
import { type Crossing, Signature } from './signature.js';
import { isolatedWasi } from './wasi.js';
import { webAssemblyForJco } from './wasm.js';

/** What jco's `instantiate` answers: functions, and objects of them for interfaces. */
export type Instance = Readonly<Record<string, unknown>>;

type Instantiate = (
  getModule: (name: string) => object,
  imports: Record<string, Record<string, unknown>>,
) => Instance;

type Callable = (...args: unknown[]) => unknown;

/** One export: arguments as bytes in, the reply likewise out. */
type Exported = (instance: Instance, request: Uint8Array) => Uint8Array;

export class Functions {
  readonly #job: RunJob;
  readonly #host: Host;
  readonly #instantiate: Instantiate;
  readonly #resources: Resources;
  readonly #handles: Handles;
  readonly #crossings: { readonly imports: Crossing; readonly exports: Crossing };
  readonly #exports: readonly (() => Exported)[];

  constructor(job: RunJob, host: Host) {
    const { descriptor, source } = job.transpiled;
    const { types } = descriptor;
    this.#job = job;
    this.#host = host;
    this.#resources = new Resources(descriptor);
    this.#handles = new Handles(this.#resources);
    const codecs = new Codecs(withoutHandles(types));
    const crossing = (side: Side): Crossing => ({
      codecs,
      shapes: new Shapes(types, this.#handles.shapes(side)),
      bytesMax: job.replyBytesMax,
    });
    this.#crossings = { imports: crossing('imports'), exports: crossing('exports') };
    this.#instantiate = evaluate(source);
    this.#exports = job.exports.map(([owner, name]) => once(() => this.#exported(owner, name)));
  }

  instantiate(): Instance {
    const { modules, descriptor } = this.#job.transpiled;
    this.#handles.clear();
    const parts: ImportParts = {
      job: this.#job,
      host: this.#host,
      resources: this.#resources,
      handles: this.#handles,
      imported: (index, one) => this.#imported(index, one),
    };
    const imports = importObject(parts, isolatedWasi(descriptor, this.#host));
    return this.#instantiate((name) => modules.get(name)!, imports);
  }

  /** The reply's bytes. Throws what the guest's end, or a host function's, has thrown. */
  call(instance: Instance, index: number, request: Uint8Array): Uint8Array {
    return this.#exports[index]!()(instance, request);
  }

  #exported(owner: string | null, name: string): Exported {
    const { descriptor } = this.#job.transpiled;
    const one = descriptor.exports
      .find((candidate) => candidate.name === owner)
      ?.functions.find((candidate) => candidate.name === name);
    if (one === undefined) {
      // WIT does not have it: the end of a handle.
      return (_instance, request) => {
        this.#handles.drop(new Reader(request).u32());
        return new Uint8Array();
      };
    }
    const signature = new Signature(this.#crossings[meaningOf('exports', owner)], one);
    return (instance, request) => {
      // jco calls an inline interface by its name in lowerCamel.
      const holder = owner === null ? instance : (instance[owner] ?? instance[lowerCamel(owner)]);
      return signature.export(request, (args) => run(holder as Instance, one, args));
    };
  }

  #imported(index: number, one: FunctionDescriptor): Callable {
    const signature = once(() => new Signature(this.#crossings.imports, one));
    return (...args) => signature().import((request) => this.#host.call(index, request))(...args);
  }
}

/** As jco has it: constructors, methods and static functions belong to a class. */
function run(holder: Instance, one: FunctionDescriptor, args: unknown[]): unknown {
  if (one.kind === 'function') return (holder[lowerCamel(one.name)] as Callable)(...args);
  const key = lowerCamel(memberOf(one));
  if (one.kind === 'method') {
    const [self, ...rest] = args;
    return (self as Record<string, Callable>)[key]!(...rest);
  }
  const [, resource] = /^\[\w+\]([^.]+)/.exec(one.name)!;
  const classOf = holder[upperCamel(resource!)] as Record<string, Callable> &
    (new (
      ...args: unknown[]
    ) => unknown);
  return one.kind === 'constructor' ? new classOf(...args) : classOf[key]!(...args);
}

/** The program that jco wrote is a module with one function that matters. */
function evaluate(source: string): Instantiate {
  const body = mended(source)
    .replace('export function instantiate(', 'function instantiate(')
    .replace(/^export const _util = \{[\s\S]*$/m, '');
  const given = ['WebAssembly', 'TextDecoder', '$zeroExtended'];
  const program = compileFunction(`${body}\nreturn instantiate;`, given, { filename: 'component.js' });
  return program(webAssemblyForJco(), StrictDecoder, zeroExtended) as Instantiate;
}

/** What version 0.14.0 of jco writes wrongly. */
function mended(source: string): string {
  return (
    source
      // The canonical ABI fills the upper half of an i64 with zeroes where a narrower case of a variant travels in it.
      .replace(/\b(variant\d+_\d+ = )((?:BigInt\()+)/g, (_, assigned: string, widened: string) => {
        return assigned + widened.replaceAll('BigInt(', '$zeroExtended(');
      })
      // The same on the way back: it is the lower half, with its sign, unless it is an address.
      .replace(/(?<!\b(?:ptr|base)\d+ = )\bNumber\((arg\d+)\)/g, 'Number(BigInt.asIntN(32, $1))')
      // The counter of a map hides that of the list which holds it, and two in one block are declared twice.
      .replace(
        /let i = 0;\s*for \(const \[key, value\] of (entries\d+)\) \{/g,
        'for (let [i, [key, value]] of [...$1].entries()) {',
      )
  );
}

const zeroExtended = (flat: number | bigint): bigint =>
  typeof flat === 'bigint' ? flat : BigInt.asUintN(32, BigInt(flat));

/** As the canonical ABI has it: what is not UTF-8 is no string, and U+FEFF at its beginning is part of it. */
class StrictDecoder extends TextDecoder {
  constructor(label?: string, options?: object) {
    super(label, { fatal: true, ignoreBOM: true, ...options });
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
