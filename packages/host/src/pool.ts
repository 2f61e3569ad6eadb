// Owns Pool: several micro-VMs of one component behind the exports of one sandbox.
import type { Component } from './component.js';
import { makeFirst } from './pool/make.js';
import {
  type PoolSizes,
  parsePoolOptions,
  type TypedPoolOptions,
  type UntypedPoolOptions,
} from './pool/options.js';
import { Scheduler } from './pool/scheduler.js';
import type { PoolStats } from './pool/stats.js';
import { type Context, parseCallOptions } from './sandbox/context.js';
import type { SandboxParts } from './sandbox/create.js';
import { buildExports } from './sandbox/exports.js';
import type { CallOptions } from './sandbox/job.js';
import { parseTimeoutMs } from './sandbox/limits.js';

/** Ends the VMs of pools that were dropped without close(), after the calls that are still under way. */
const forgotten = new FinalizationRegistry<Scheduler>((scheduler) => {
  void scheduler.close(Number.POSITIVE_INFINITY);
});

/** A view of a pool with other options for its calls; it costs next to nothing. */
export interface PoolView<Exports, ContextExports = Exports> {
  readonly exports: Exports;
  /** Opens a context whose calls have these options; waiting for it can be cancelled by them too. */
  context(): Promise<Context<ContextExports>>;
}

export interface PoolCloseOptions {
  /**
   * How long to wait for calls and contexts; what is left then rejects with a ClosedError. 0 waits for nothing.
   * Default: `limits.timeoutMs`, which no call outlasts unless it was given more.
   */
  readonly timeoutMs?: number;
}

/**
 * Several micro-VMs of one component. A call of `exports` runs in any VM that is free, from the base state as ever;
 * when all are busy, calls wait in the order in which they were made.
 *
 * @example
 * const pool = await Pool.create({ component: './greet.wasm', size: 4 });
 * try {
 *   console.log(await Promise.all(names.map((name) => pool.exports.greet(name))));
 * } finally {
 *   await pool.close();
 * }
 */
// biome-ignore lint/suspicious/noExplicitAny: exports of which nothing is known are any, by contract
export class Pool<Exports = any, ContextExports = Exports> {
  /** As of a sandbox: the component's functions, each answering a promise. */
  readonly exports: Exports;
  readonly component: Component;
  readonly #parts: SandboxParts;
  readonly #scheduler: Scheduler;

  private constructor(parts: SandboxParts, scheduler: Scheduler) {
    const defaults: CallOptions = {};
    this.#parts = parts;
    this.#scheduler = scheduler;
    this.component = parts.component;
    // Through `this`: whoever holds the exports holds the pool.
    this.exports = buildExports(parts.layout, (callee, args) =>
      this.#scheduler.call(callee, args, defaults),
    ) as Exports;
    forgotten.register(this, scheduler, scheduler);
  }

  /**
   * Starts one sandbox as `Sandbox.create` does, `warmup` included, and clones the others from it. If any cannot be
   * made, none is left. Rejects as `Sandbox.create` does; `signal` cancels the create.
   */
  static create<Imports, Exports, ContextExports = Exports>(
    options: TypedPoolOptions<Imports, Exports, ContextExports>,
  ): Promise<Pool<Exports, ContextExports>>;
  static create(options: UntypedPoolOptions): Promise<Pool>;
  static async create(options: unknown): Promise<Pool> {
    const { settings, sandbox } = parsePoolOptions(options);
    const made = await makeFirst(Math.max(1, settings.min), sandbox);
    return new Pool(made.parts[0], new Scheduler(settings, made));
  }

  /** What the pool did so far, and how many VMs are free. */
  get stats(): PoolStats {
    return this.#scheduler.stats();
  }

  /** The same pool, whose calls can be cancelled by `signal` or have a time limit of their own. */
  with(options: CallOptions): PoolView<Exports, ContextExports> {
    const parsed = parseCallOptions(options);
    return {
      exports: this.#parts.lazyExports((callee, args) =>
        this.#scheduler.call(callee, args, parsed),
      ) as Exports,
      context: () => this.#scheduler.context(parsed, this) as Promise<Context<ContextExports>>,
    };
  }

  /** A VM of its own, until it is finished: its calls see each other's effects, and nobody else's. */
  context(): Promise<Context<ContextExports>> {
    return this.#scheduler.context({}, this) as Promise<Context<ContextExports>>;
  }

  /**
   * Takes no more calls, and waits for those that were taken, queued ones too, and for contexts to be finished: at
   * most for `timeoutMs`. Then the VMs end. Called again, it can only end sooner.
   */
  async close({ timeoutMs }: PoolCloseOptions = {}): Promise<void> {
    const { limits } = this.#parts.engine;
    const ms =
      timeoutMs === undefined || timeoutMs === 0 ? timeoutMs : parseTimeoutMs('timeoutMs', timeoutMs);
    await this.#scheduler.close(ms ?? limits.timeoutMs);
    forgotten.unregister(this.#scheduler);
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export type { PoolSizes };
