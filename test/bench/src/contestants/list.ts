// Owns who takes part: under which name, on which Node, with which builds of the guest.
import { availableParallelism } from 'node:os';
import type { Engine } from '../guests.js';
import type { Contestant } from './contestant.js';
import { nodeProgram } from './installed.js';

/** How the guest was made into what a contestant runs. */
export type Build = 'components' | 'transpiled' | 'scripts' | 'plugins';

export interface Entry {
  readonly prefix: string;
  /** As people read it in a table. */
  readonly label: string;
  /** What stands between the guest and the app's process. */
  readonly wall: string;
  readonly engines: readonly Engine[];
  /** Undefined where the Node that it is for is not installed. */
  readonly node: string | undefined;
  readonly flags: readonly string[];
  readonly build: Build;
}

export const OURS: Entry = {
  prefix: '',
  label: 'ours',
  wall: 'VM (hardware)',
  engines: ['rust', 'quickjs', 'starlingmonkey'],
  node: process.execPath,
  flags: [],
  build: 'components',
};

/** After they have been installed: some bring a Node of their own. */
export function others(): readonly Entry[] {
  return [
    jco('jco-node20', 'jco, Node 20', process.execPath, ['--experimental-wasm-extended-const']),
    jco('jco-node22', 'jco, Node 22', nodeProgram(22), []),
    jco('jco-node24', 'jco, Node 24', nodeProgram(24), []),
    script('isolated-vm', 'isolated-vm', 'V8 isolate', 'v8', ['--no-node-snapshot']),
    script('quickjs-emscripten', 'quickjs-emscripten', 'wasm', 'quickjs', []),
    script('worker', 'worker_threads', 'none', 'v8', []),
    script('fork', 'child_process.fork', 'process, all rights', 'v8', []),
    {
      ...script('extism', 'Extism', 'wasm', 'rust', ['--disable-warning=ExperimentalWarning']),
      build: 'plugins',
    },
  ];
}

function jco(name: string, label: string, node: string | undefined, flags: readonly string[]): Entry {
  const { engines } = OURS;
  return { prefix: `${name}/`, label, wall: 'wasm', engines, node, flags, build: 'transpiled' };
}

function script(name: string, label: string, wall: string, engine: Engine, flags: readonly string[]): Entry {
  const node = process.execPath;
  return { prefix: `${name}/`, label, wall, engines: [engine], node, flags, build: 'scripts' };
}

/** Loads its adapter, and with that what it consists of. */
export async function contestantOf(prefix: string): Promise<Contestant> {
  switch (prefix.replace(/(-node\d+)?\/$/, '')) {
    case '':
      return (await import('./hyperlight.js')).hyperlight;
    case 'jco':
      return (await import('./jco.js')).jco(prefix);
    case 'isolated-vm':
      return (await import('./isolated-vm.js')).isolatedVm();
    case 'quickjs-emscripten':
      return (await import('./quickjs-emscripten.js')).quickjsEmscripten();
    case 'worker':
      return (await import('./worker-threads.js')).workerThreads;
    case 'fork':
      return (await import('./child-process.js')).childProcess;
    case 'extism':
      return (await import('./extism.js')).extism();
    default:
      throw new TypeError(`there is no contestant "${prefix}"`);
  }
}

export const CORES = availableParallelism();
