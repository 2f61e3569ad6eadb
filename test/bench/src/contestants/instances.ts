// Owns how a contestant takes part whose only way to fresh state is a new instance for each call.
import type { Guest } from '../guests.js';
import type { BenchExports, Instance, Subject } from './contestant.js';

export class InstanceSubject implements Subject {
  readonly guest: Guest;
  readonly fresh: BenchExports;
  readonly context: BenchExports;
  readonly #create: () => Promise<Instance>;
  readonly #kept: Instance;
  readonly #used: Instance[] = [];
  #created = 0;

  private constructor(guest: Guest, create: () => Promise<Instance>, kept: Instance) {
    this.guest = guest;
    this.#create = create;
    this.#kept = kept;
    this.context = kept.exports;
    this.fresh = {
      noop: async () => (await this.#next()).noop(),
      calls: async () => (await this.#next()).calls(),
      hello: async (name) => (await this.#next()).hello(name),
      echo: async (bytes) => (await this.#next()).echo(bytes),
      hostCalls: async (count, seed) => (await this.#next()).hostCalls(count, seed),
    };
  }

  static async start(guest: Guest, create: (guest: Guest) => Promise<Instance>): Promise<InstanceSubject> {
    return new InstanceSubject(guest, () => create(guest), await create(guest));
  }

  async #next(): Promise<BenchExports> {
    const instance = await this.#create();
    this.#created += 1;
    this.#used.push(instance);
    return instance.exports;
  }

  async renewals(): Promise<number> {
    return this.#created;
  }

  async settle(): Promise<void> {
    for (const instance of this.#used.splice(0)) await instance.close();
  }

  async close(): Promise<void> {
    await this.settle();
    await this.#kept.close();
  }
}
