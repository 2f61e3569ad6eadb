// Owns how quickjs-emscripten takes part: the guest's script in QuickJS, that in V8's wasm. No wall but wasm's.
import { readFileSync } from 'node:fs';
import type { Guest } from '../guests.js';
import { add, type Contestant, type Instance } from './contestant.js';
import { load } from './installed.js';
import { InstanceSubject } from './instances.js';

interface Handle {
  dispose(): void;
}

interface Vm {
  readonly global: Handle;
  readonly undefined: Handle;
  readonly runtime: { setInterruptHandler(isOver: () => boolean): void; removeInterruptHandler(): void };
  newString(text: string): Handle;
  newNumber(value: number): Handle;
  newArrayBuffer(bytes: ArrayBufferLike): Handle;
  newFunction(name: string, work: (...args: Handle[]) => Handle): Handle;
  getNumber(value: Handle): number;
  getString(value: Handle): string;
  getArrayBuffer(value: Handle): Handle & { value: Uint8Array };
  getProp(of: Handle, name: string): Handle;
  setProp(of: Handle, name: string, value: Handle): void;
  evalCode(code: string): unknown;
  callFunction(work: Handle, receiver: Handle, ...args: Handle[]): unknown;
  unwrapResult(result: unknown): Handle;
  dispose(): void;
}

interface QuickJs {
  newContext(): Vm;
}

export async function quickjsEmscripten(): Promise<Contestant> {
  const { newQuickJSWASMModule } = await load<{ newQuickJSWASMModule(): Promise<QuickJs> }>(
    'quickjs-emscripten',
  );
  const kept = await newQuickJSWASMModule();
  const create = async ({ path }: Guest) => instantiate(kept, readFileSync(path, 'utf8'));
  return {
    prefix: 'quickjs-emscripten/',
    cannot: {},
    start: async (guest) => {
      const code = readFileSync(guest.path, 'utf8');
      return InstanceSubject.start(guest, async () => instantiate(kept, code));
    },
    create,
    createCold: async ({ path }) => instantiate(await newQuickJSWASMModule(), readFileSync(path, 'utf8')),
  };
}

function instantiate(quickjs: QuickJs, code: string): Instance {
  const vm = quickjs.newContext();
  const hostAdd = vm.newFunction('add', (left, right) =>
    vm.newNumber(add(vm.getNumber(left!), vm.getNumber(right!))),
  );
  vm.setProp(vm.global, 'add', hostAdd);
  vm.unwrapResult(vm.evalCode(code)).dispose();
  const guest = vm.getProp(vm.global, 'guest');
  const kept = [hostAdd, guest];
  const functions = new Map<string, Handle>();

  const call = <T>(name: string, args: Handle[], read: (answer: Handle) => T): T => {
    let work = functions.get(name);
    if (work === undefined) {
      work = vm.getProp(guest, name);
      functions.set(name, work);
      kept.push(work);
    }
    const answer = vm.unwrapResult(vm.callFunction(work, vm.undefined, ...args));
    const value = read(answer);
    for (const handle of [answer, ...args]) handle.dispose();
    return value;
  };
  return {
    exports: {
      noop: async () => call('noop', [], () => {}),
      calls: async () => call('calls', [], (answer) => vm.getNumber(answer)),
      hello: async (name) => call('hello', [vm.newString(name)], (answer) => vm.getString(answer)),
      echo: async ({ buffer }) => call('echo', [vm.newArrayBuffer(buffer)], (answer) => copied(vm, answer)),
      hostCalls: async (count, seed) =>
        call('hostCalls', [vm.newNumber(count), vm.newNumber(seed)], (answer) => vm.getNumber(answer)),
    },
    stopSpin: async (limitMs) => stopSpin(vm, () => call('spin', [], () => {}), limitMs),
    async close() {
      for (const handle of kept) handle.dispose();
      vm.dispose();
    },
  };
}

function copied(vm: Vm, answer: Handle): Uint8Array {
  const bytes = vm.getArrayBuffer(answer);
  const copy = bytes.value.slice();
  bytes.dispose();
  return copy;
}

async function stopSpin({ runtime }: Vm, spin: () => void, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  runtime.setInterruptHandler(() => performance.now() > end);
  try {
    spin();
  } catch {
    return;
  } finally {
    runtime.removeInterruptHandler();
  }
  throw new Error('quickjs-emscripten did not stop the guest');
}
