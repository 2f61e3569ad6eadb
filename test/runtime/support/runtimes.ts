// Owns running one test under both runtimes: real micro-VMs, and jco in this process. The answers must be the same.
import { fileURLToPath } from 'node:url';
import * as vm from '@hl/host';
import * as inProcess from '@hl/host/in-process';
import { afterAll, describe, test } from 'vitest';
import { describeWithKvm } from '../../support/kvm.js';

export type Api = typeof vm;

/** Both entries have the same classes by name; which one a test means is the runtime's. */
export interface Runtime {
  readonly name: 'vm' | 'in-process';
  readonly api: Api;
  /** A sandbox of that guest, closed when the tests here are over. The same options give the same sandbox. */
  sandbox(guest: string, options?: Omit<vm.UntypedOptions, 'component'>): Promise<vm.Sandbox>;
  /** A test that fails in this process only, for a reason that lies in jco: mended there, it fails here and is moved. */
  jcoFails(reason: string, title: string, run: () => Promise<void>): void;
}

export const guestPath = (guest: string): string =>
  fileURLToPath(new URL(`../dist/${guest}.wasm`, import.meta.url));

/** The body is run once for each runtime. */
export function eachRuntime(feature: string, body: (runtime: Runtime) => void): void {
  describeWithKvm(`${feature}, in a micro-VM`, () => body(runtimeOf('vm', vm)));
  describe(`${feature}, in this process`, () => body(runtimeOf('in-process', inProcess)));
}

function runtimeOf(name: Runtime['name'], api: Api): Runtime {
  const open: Promise<vm.Sandbox>[] = [];
  const plain = new Map<string, Promise<vm.Sandbox>>();
  const create = (guest: string, options: object): Promise<vm.Sandbox> => {
    const sandbox = api.Sandbox.create({ ...options, component: guestPath(guest) });
    open.push(sandbox);
    return sandbox;
  };
  afterAll(async () => {
    await Promise.allSettled(open.map(async (sandbox) => (await sandbox).close()));
  });
  return {
    name,
    api,
    sandbox(guest, options) {
      if (options !== undefined) return create(guest, options);
      const known = plain.get(guest) ?? create(guest, {});
      plain.set(guest, known);
      return known;
    },
    jcoFails(reason, title, run) {
      if (name === 'vm') test(title, run);
      else test.fails(`${title} (jco: ${reason})`, run);
    },
  };
}
