// Owns how @hl/host takes part.
import { type Context, Sandbox, type SandboxStats } from '@hl/host';
import type { Guest } from '../guests.js';
import { add, type BenchExports, type Contestant, type Subject } from './contestant.js';

export type BenchSandbox = Sandbox<BenchExports>;

const imports = { 'hl:bench/host-api': { add } };

const RESET_MS_MAX = 1_000;

export const hyperlight: Contestant = { prefix: '', start: (guest) => HyperlightSubject.start(guest) };

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

  static async start(guest: Guest): Promise<HyperlightSubject> {
    const [sandbox, withContext] = await Promise.all([createSandbox(guest), createSandbox(guest)]);
    return new HyperlightSubject(guest, sandbox, withContext, await withContext.context());
  }

  stats(): SandboxStats {
    return this.#sandbox.stats;
  }

  /** Resets, and new VMs in place of those that grew. They follow the answers, so the last one is waited for. */
  async renewals(): Promise<number> {
    const end = performance.now() + RESET_MS_MAX;
    for (;;) {
      const { resets, replacements, calls } = this.stats();
      if (resets + replacements >= calls || performance.now() > end) return resets + replacements;
      await new Promise(setImmediate);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#sandbox.close(), this.#withContext.close()]);
  }
}

export function createSandbox({ path }: Guest): Promise<BenchSandbox> {
  return Sandbox.create({ component: path, imports });
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
