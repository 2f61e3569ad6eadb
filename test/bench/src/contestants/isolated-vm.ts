// Owns how isolated-vm takes part: the guest's script in a V8 isolate of its own, in our process.
import { readFileSync } from 'node:fs';
import type { Guest } from '../guests.js';
import { add, type Contestant, type Instance } from './contestant.js';
import { load } from './installed.js';
import { InstanceSubject } from './instances.js';

interface Reference {
  getSync(name: string, options: { reference: true }): Reference;
  applySync(receiver: undefined, args: unknown[], options?: object): unknown;
}

interface IsolatedVm {
  Isolate: {
    new (
      options: object,
    ): {
      createContextSync(): {
        readonly global: Reference & { setSync(name: string, value: unknown): void };
        evalSync(code: string): unknown;
      };
      dispose(): void;
    };
    createSnapshot(scripts: { code: string }[]): object;
  };
  Callback: new (work: typeof add) => object;
}

const MEMORY_MIB = 64;

export async function isolatedVm(): Promise<Contestant> {
  const { default: ivm } = await load<{ default: IsolatedVm }>('isolated-vm');
  const snapshots = new Map<string, object>();

  const instantiate = (snapshot: object): Instance => {
    const isolate = new ivm.Isolate({ memoryLimit: MEMORY_MIB, snapshot });
    const { global } = isolate.createContextSync();
    global.setSync('add', new ivm.Callback(add));
    const guest = global.getSync('guest', { reference: true });
    const functions = new Map<string, Reference>();
    const call = (name: string, args: unknown[], options?: object) => {
      const known = functions.get(name) ?? guest.getSync(name, { reference: true });
      functions.set(name, known);
      return known.applySync(undefined, args, options);
    };
    const copied = { arguments: { copy: true }, result: { copy: true } };
    return {
      exports: {
        noop: async () => void call('noop', []),
        calls: async () => call('calls', []) as number,
        hello: async (name) => call('hello', [name]) as string,
        echo: async (bytes) => call('echo', [bytes], copied) as Uint8Array,
        hostCalls: async (count, seed) => call('hostCalls', [count, seed]) as number,
      },
      async stopSpin(timeout) {
        try {
          call('spin', [], { timeout });
        } catch {
          return;
        }
        throw new Error('isolated-vm did not stop the guest');
      },
      close: async () => isolate.dispose(),
    };
  };
  const snapshotOf = ({ path }: Guest) => ivm.Isolate.createSnapshot([{ code: readFileSync(path, 'utf8') }]);
  const create = async (guest: Guest) => {
    const snapshot = snapshots.get(guest.path) ?? snapshotOf(guest);
    snapshots.set(guest.path, snapshot);
    return instantiate(snapshot);
  };
  return {
    prefix: 'isolated-vm/',
    cannot: {},
    start: (guest) => InstanceSubject.start(guest, create),
    create,
    createCold: async (guest) => instantiate(snapshotOf(guest)),
  };
}
