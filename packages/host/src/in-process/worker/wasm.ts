// Owns what this package uses of the global WebAssembly, for which Node's own types have no name; and the WIT parser.
import { setFlagsFromString } from 'node:v8';
import type { WorldDescriptor } from '../../descriptor.js';

interface Memory {
  readonly buffer: ArrayBuffer;
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly promising?: unknown;
  readonly RuntimeError: new (...args: never[]) => Error;
};

/**
 * QuickJS guests compute in constant expressions, for which the V8 of Node 20 wants a flag. It is one of the process;
 * all that it does is to let such modules through.
 */
export function compileModule(bytes: Uint8Array): object {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('constant expression'))) throw error;
    setFlagsFromString('--experimental-wasm-extended-const');
    return new WebAssembly.Module(bytes);
  }
}

export const isRuntimeError = (error: unknown): error is Error => error instanceof WebAssembly.RuntimeError;

/**
 * jco tries `promising` on each function and falls back where it throws. Where there is none, telling what is missing
 * makes V8 parse the whole program again, each time: a quarter of a second for each instance of a large component.
 */
export function webAssemblyForJco(): object {
  if (WebAssembly.promising !== undefined) return WebAssembly;
  return Object.create(WebAssembly, { promising: { value: (run: unknown) => run } });
}

interface Parser {
  readonly memory: Memory;
  hl_wit_allocate(bytes: number): number;
  hl_wit_describe_component(input: number, bytes: number): number;
}

interface Described {
  readonly descriptor: WorldDescriptor;
  readonly wit: string;
}

/** What the component imports and exports; or what is wrong with it. */
export function describeComponent(
  parser: object,
  bytes: Uint8Array,
): Described | { readonly problem: string } {
  const module = new WebAssembly.Instance(parser, {}).exports as Parser;
  try {
    const at = module.hl_wit_allocate(bytes.byteLength);
    new Uint8Array(module.memory.buffer).set(bytes, at);
    const reply = read(module, module.hl_wit_describe_component(at, bytes.byteLength));
    return 'ok' in reply ? reply.ok : { problem: reply.error.message };
  } catch (trap) {
    return { problem: `the WIT parser failed on the component: ${String(trap)}` };
  }
}

/** A reply is a 32-bit length and that many bytes of JSON. */
function read({ memory }: Parser, at: number): { ok: Described } | { error: { message: string } } {
  const length = new DataView(memory.buffer).getUint32(at, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, at + 4, length)));
}
