// Owns how @hl/host takes part, and what only it can do: two kinds of reset, snapshots, pools.
import * as host from '@hl/host';
import { type Context, type PoolStats, Sandbox, type SandboxStats } from '@hl/host';
import type { Guest } from '../guests.js';
import { add, type BenchExports, type Contestant, type Instance, type Subject } from './contestant.js';

export type BenchSandbox = Sandbox<BenchExports & { spin(): Promise<void> }>;

/** The state of a guest, from which sandboxes start. */
export interface BenchSnapshot {
  save(path: string): Promise<void>;
}

export interface BenchPool {
  readonly exports: BenchExports;
  readonly stats: PoolStats;
  close(): Promise<void>;
}

/** A run says of each that is not there that it is not, instead of failing. */
interface Optional {
  readonly Snapshot?: { load(path: string): Promise<BenchSnapshot> };
  readonly Pool?: { create(options: object): Promise<BenchPool> };
}

export type Reset = 'full' | 'memory';

const imports = { 'hl:bench/host-api': { add } };

const RESET_MS_MAX = 1_000;

export const hyperlight: Contestant = {
  prefix: '',
  cannot: {},
  start: (guest) => HyperlightSubject.start(guest),
  create: (guest) => instance({ component: guest.path }),
  createCold: (guest) => instance({ component: guest.path }),
};

/** A sandbox for fresh calls, and one in which a context stays open. */
export class HyperlightSubject implements Subject {
  readonly guest: Guest;
  readonly fresh: BenchExports;
  readonly context: BenchExports;
  readonly #sandbox: BenchSandbox;
  readonly #withContext: BenchSandbox;

  private constructor(
    guest: Guest,
    sandbox: BenchSandbox,
    withContext: BenchSandbox,
    context: Context<BenchExports>,
  ) {
    this.guest = guest;
    this.fresh = sandbox.exports;
    this.context = context.exports;
    this.#sandbox = sandbox;
    this.#withContext = withContext;
  }

  static async start(guest: Guest, reset: Reset = 'full'): Promise<HyperlightSubject> {
    const options = { component: guest.path, reset };
    const [sandbox, withContext] = await Promise.all([createSandbox(options), createSandbox(options)]);
    return new HyperlightSubject(guest, sandbox, withContext, await withContext.context());
  }

  stats(): SandboxStats {
    return this.#sandbox.stats;
  }

  renewals(): Promise<number> {
    return renewalsOf(this.#sandbox);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sandbox.close(), this.#withContext.close()]);
  }
}

/** Resets, and new VMs in place of those that grew. They follow the answers, so the last one is waited for. */
export async function renewalsOf(renewed: {
  readonly stats: Pick<SandboxStats, 'resets' | 'replacements' | 'calls'>;
}): Promise<number> {
  const end = performance.now() + RESET_MS_MAX;
  for (;;) {
    const { resets, replacements, calls } = renewed.stats;
    if (resets + replacements >= calls || performance.now() > end) return resets + replacements;
    await new Promise(setImmediate);
  }
}

interface From {
  readonly component?: string;
  readonly snapshot?: BenchSnapshot;
  readonly reset?: Reset;
}

export function createSandbox(from: From): Promise<BenchSandbox> {
  return Sandbox.create({ ...from, imports } as never) as Promise<BenchSandbox>;
}

/** One whose base state comes after a first call, with all that an engine does once. */
export function createWarmed({ path }: Guest): Promise<BenchSandbox> {
  return Sandbox.create({
    component: path,
    imports,
    warmup: async ({ exports }) => {
      await exports.hello('first caller');
    },
  });
}

async function instance(from: From): Promise<Instance> {
  const sandbox = await createSandbox(from);
  return {
    exports: sandbox.exports,
    survivesStop: true,
    async stopSpin(timeoutMs) {
      const error = await sandbox
        .with({ timeoutMs })
        .exports.spin()
        .catch((error: unknown) => error);
      if (!(error instanceof host.TimeoutError)) throw new Error(`the loop ended by ${String(error)}`);
    },
    close: () => sandbox.close(),
  };
}

/** Where they came from stays open: a closed one would leave a VM to recycle. */
const origins: BenchSandbox[] = [];

/** Its state after a first call. */
export async function warmSnapshot(guest: Guest): Promise<BenchSnapshot> {
  const sandbox = await createWarmed(guest);
  origins.push(sandbox);
  const { snapshot } = sandbox as unknown as { snapshot?: () => Promise<BenchSnapshot> };
  if (snapshot === undefined) throw new Error('@hl/host has no sandbox.snapshot()');
  return snapshot.call(sandbox);
}

export function loadSnapshot(path: string): Promise<BenchSnapshot> {
  const { Snapshot } = host as unknown as Optional;
  if (Snapshot?.load === undefined) throw new Error('@hl/host has no Snapshot.load()');
  return Snapshot.load(path);
}

export function createPool({ path }: Guest, size: number): Promise<BenchPool> {
  const { Pool } = host as unknown as Optional;
  if (Pool?.create === undefined) throw new Error('@hl/host has no Pool');
  return Pool.create({ component: path, imports, size });
}
