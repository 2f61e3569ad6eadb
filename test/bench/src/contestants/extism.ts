// Owns how Extism takes part: a plug-in in V8's wasm, by its JavaScript SDK. No wall but wasm's.
import { readFileSync } from 'node:fs';
import type { Guest } from '../guests.js';
import { add, type Contestant, type Instance } from './contestant.js';
import { load } from './installed.js';
import { InstanceSubject } from './instances.js';
import { compileWasm, type WasmModule } from './wasm.js';

interface Output extends DataView {
  text(): string;
  bytes(): Uint8Array;
}

interface Plugin {
  call(name: string, input?: string | Uint8Array): Promise<Output | null>;
  /** Frees the memory of earlier inputs and outputs; the instance stays. */
  reset(): Promise<boolean>;
  close(): Promise<void>;
}

interface Extism {
  createPlugin(manifest: object, options: object): Promise<Plugin>;
}

const functions = {
  'extism:host/user': { add: (_: unknown, left: number, right: number) => add(left, right) },
};

export async function extism(): Promise<Contestant> {
  const { createPlugin } = await load<Extism>('@extism/extism');
  const modules = new Map<string, Promise<WasmModule>>();
  const instantiate = async (module: WasmModule) =>
    instanceOf(await createPlugin({ wasm: [{ module }] }, { useWasi: false, functions }));
  const create = async (guest: Guest) => {
    const module = modules.get(guest.path) ?? compile(guest);
    modules.set(guest.path, module);
    return instantiate(await module);
  };
  return {
    prefix: 'extism/',
    cannot: { stop: 'its JavaScript SDK has no time limit, and a loop holds the thread' },
    start: (guest) => InstanceSubject.start(guest, create),
    create,
    createCold: async (guest) => instantiate(await compile(guest)),
  };
}

function compile({ path }: Guest): Promise<WasmModule> {
  return compileWasm(readFileSync(path));
}

/** A plug-in's inputs and outputs are numbered, and it fails when the numbers are used up. */
const CALLS_BETWEEN_RESETS = 4096;

function instanceOf(plugin: Plugin): Instance {
  let calls = 0;
  const call = async (name: string, input?: string | Uint8Array) => {
    if (++calls % CALLS_BETWEEN_RESETS === 0) await plugin.reset();
    return plugin.call(name, input);
  };
  const number = (output: Output | null) => output!.getUint32(0, true);
  return {
    exports: {
      noop: async () => void (await call('noop')),
      calls: async () => number(await call('calls')),
      hello: async (name) => (await call('hello', name))!.text(),
      echo: async (bytes) => (await call('echo', bytes))!.bytes(),
      hostCalls: async (count, seed) =>
        number(await call('host_calls', new Uint8Array(new Uint32Array([count, seed]).buffer))),
    },
    close: () => plugin.close(),
  };
}
