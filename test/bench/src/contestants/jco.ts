// Owns how jco takes part: the same component, transpiled to JavaScript and core modules, in V8. No wall but wasm's.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Guest } from '../guests.js';
import { add, type BenchExports, type Contestant, type Instance } from './contestant.js';
import { load } from './installed.js';
import { InstanceSubject } from './instances.js';
import { compileWasm, type WasmModule } from './wasm.js';

type Synchronous<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};

interface Transpiled {
  instantiate(core: (path: string) => WasmModule, imports: object): Synchronous<BenchExports>;
}

interface Shim {
  WASIShim: new () => { getImportObject(): object };
}

interface Loaded {
  readonly transpiled: Transpiled;
  readonly modules: ReadonlyMap<string, WasmModule>;
}

export async function jco(prefix: string): Promise<Contestant> {
  const { WASIShim } = await load<Shim>('@bytecodealliance/preview2-shim/instantiation');
  const imports = { ...new WASIShim().getImportObject(), 'hl:bench/host-api': { add } };
  const kept = new Map<string, Promise<Loaded>>();

  const instantiate = ({ transpiled, modules }: Loaded): Instance => {
    const guest = transpiled.instantiate((path) => modules.get(path)!, imports);
    return { exports: asPromises(guest), close: async () => {} };
  };
  const create = async (guest: Guest) => {
    const known = kept.get(guest.path) ?? loadModules(guest);
    kept.set(guest.path, known);
    return instantiate(await known);
  };
  return {
    prefix,
    cannot: { stop: 'a loop in the guest holds the thread that could end it' },
    start: (guest) => InstanceSubject.start(guest, create),
    create,
    createCold: async (guest) => instantiate(await loadModules(guest)),
  };
}

/** V8 compiles the core modules once; instances share them. */
async function loadModules({ path, engine }: Guest): Promise<Loaded> {
  const modules = new Map<string, WasmModule>();
  for (const file of readdirSync(path).filter((file) => file.endsWith('.wasm'))) {
    modules.set(file, await compileWasm(readFileSync(join(path, file))));
  }
  const transpiled = (await import(pathToFileURL(join(path, `${engine}.js`)).href)) as Transpiled;
  return { transpiled, modules };
}

function asPromises(guest: Synchronous<BenchExports>): BenchExports {
  return {
    noop: async () => guest.noop(),
    calls: async () => guest.calls(),
    hello: async (name) => guest.hello(name),
    echo: async (bytes) => guest.echo(bytes),
    hostCalls: async (count, seed) => guest.hostCalls(count, seed),
  };
}
