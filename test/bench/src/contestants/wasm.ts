// Owns V8's own WebAssembly, of which the types that we compile with know nothing.

/** Compiled code, of which instances are made. */
export type WasmModule = object;

const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<WasmModule> };
};

export function compileWasm(bytes: Uint8Array): Promise<WasmModule> {
  return WebAssembly.compile(bytes);
}
