// Owns the hl-wit wasm module: loads it once, and asks a fresh instance of it for each description.
import { readFile } from 'node:fs/promises';
import type { WorldDescriptor } from './descriptor.js';
import { BindgenError } from './errors.js';

export interface ParsedWorld {
  descriptor: WorldDescriptor;
  /** The world's packages as one WIT file. */
  wit: string;
  /**
   * Where items stand that were read from text: `acme:shop/stock#count`, `acme:shop/stock.item`,
   * `acme:shop/stock.item.sku`; those of the world's own level without interface.
   */
  places: Record<string, Location>;
}

/** Counted from 1. Columns and width are bytes. */
export interface Location {
  file: string;
  line: number;
  column: number;
  width: number;
}

type Reply<Answer> = { ok: Answer } | { error: { message: string; location?: Location } };

interface WitModule {
  memory: WasmMemory;
  hl_wit_allocate(bytes: number): number;
  hl_wit_describe_wit(input: number, bytes: number): number;
  hl_wit_describe_component(input: number, bytes: number): number;
  hl_wit_package_text(input: number, bytes: number): number;
  hl_wit_wrap_module(input: number, bytes: number): number;
  hl_wit_panic(): number;
}

// Node has this global, and types for it come with the DOM library only, which would let too much through.
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ exports: unknown }>;
};

/** Holds from `src` and from `dist` alike. */
const MODULE_URL = new URL('../dist/hl_wit.wasm', import.meta.url);

let compiled: Promise<object> | undefined;

async function compile(): Promise<object> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(MODULE_URL);
  } catch (cause) {
    throw new BindgenError(
      `the WIT parser ${MODULE_URL.pathname} cannot be read, install @hl/bindgen again`,
      {
        cause,
      },
    );
  }
  return WebAssembly.compile(bytes);
}

/** Which unstable items are taken in: none, those of some features, or all. */
export type Features = readonly string[] | 'all';

/** Files are pairs of path and text; the paths are relative to the WIT folder, dependencies under `deps/`. */
export function parseWit(
  files: readonly (readonly [string, string])[],
  world?: string,
  features: Features = [],
): Promise<ParsedWorld> {
  return ask('hl_wit_describe_wit', requestFor(files, world, features));
}

function requestFor(
  files: readonly (readonly [string, string])[],
  world: string | undefined,
  features: Features,
): Uint8Array {
  const named = features === 'all' ? features : { named: features };
  return new TextEncoder().encode(JSON.stringify({ files, world: world ?? null, features: named }));
}

/** A component from a core module that implements the world as the canonical ABI has it. */
export function wrapModule(
  module: Uint8Array,
  files: readonly (readonly [string, string])[],
  world?: string,
  features: Features = [],
): Promise<Uint8Array> {
  const request = requestFor(files, world, features);
  const input = new Uint8Array(4 + request.length + module.length);
  new DataView(input.buffer).setUint32(0, request.length, true);
  input.set(request, 4);
  input.set(module, 4 + request.length);
  return ask('hl_wit_wrap_module', input);
}

export function parseComponent(bytes: Uint8Array): Promise<ParsedWorld> {
  return ask('hl_wit_describe_component', bytes);
}

/** The text of a WIT package in binary form. */
export function packageText(bytes: Uint8Array): Promise<string> {
  return ask('hl_wit_package_text', bytes);
}

type Question =
  | 'hl_wit_describe_wit'
  | 'hl_wit_describe_component'
  | 'hl_wit_package_text'
  | 'hl_wit_wrap_module';

async function ask<Answer>(question: Question, input: Uint8Array): Promise<Answer> {
  compiled ??= compile();
  const instance = await WebAssembly.instantiate(await compiled, {});
  const module = instance.exports as WitModule;
  let reply: Reply<Answer>;
  try {
    const at = module.hl_wit_allocate(input.byteLength);
    new Uint8Array(module.memory.buffer).set(input, at);
    reply = read<Reply<Answer>>(module, module[question](at, input.byteLength));
  } catch (trap) {
    const panic = read<string | null>(module, module.hl_wit_panic());
    throw new BindgenError(
      `the WIT parser failed on this input, please report it: ${panic ?? String(trap)}`,
      {
        cause: trap,
      },
    );
  }
  if ('ok' in reply) return reply.ok;
  const { message, location } = reply.error;
  throw new WitProblem(message, location);
}

/** A reply is a 32-bit length and that many bytes: of JSON, or of a component, which begins with a zero. */
function read<T>(module: WitModule, at: number): T {
  const { buffer } = module.memory;
  const length = new DataView(buffer).getUint32(at, true);
  const bytes = new Uint8Array(buffer, at + 4, length);
  if (bytes[0] === 0) return { ok: bytes.slice() } as T;
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

/** What the parser says; whoever knows the folder makes the file's path complete. */
export class WitProblem extends Error {
  readonly location: Location | undefined;

  constructor(message: string, location: Location | undefined) {
    super(message);
    this.location = location;
  }
}
