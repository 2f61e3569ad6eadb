// Owns Sandbox: a component in a micro-VM of its own, and the functions that it exports.
import type { Component } from './component.js';
import { type Context, newContext, parseCallOptions } from './sandbox/context.js';
import { ContextState } from './sandbox/context-state.js';
import { createSandbox, type SandboxParts } from './sandbox/create.js';
import { buildExports } from './sandbox/exports.js';
import { forkSandbox } from './sandbox/fork.js';
import type { CallOptions } from './sandbox/job.js';
import { parseOptions, type TypedOptions, type UntypedOptions } from './sandbox/options.js';
import { refusalOf } from './sandbox/refusal.js';
import { takeSnapshot } from './sandbox/snapshot.js';
import type { SandboxStats } from './sandbox/stats.js';
import type { Snapshot } from './snapshot.js';
import type { FetchRequest, FetchResponse } from './wasi/http/fetch-types.js';
import { handlerOf, serve } from './wasi/http/serve.js';

/** Ends the VMs of sandboxes that were dropped without close(): no exports, context or view of them is left. */
const forgotten = new FinalizationRegistry<SandboxParts['engine']>((engine) => engine.closeWhenIdle());

/** A view of a sandbox with other options for its calls; it costs next to nothing. */
export interface SandboxView<Exports, ContextExports = Exports> {
  readonly exports: Exports;
  /** As the sandbox's own. */
  fetch(request: FetchRequest): Promise<FetchResponse>;
  /** Opens a context whose calls have these options; waiting for it can be cancelled by them too. */
  context(): Promise<Context<ContextExports>>;
}

/**
 * A component in a micro-VM of its own. Each call of `exports` starts from the base state and leaves nothing
 * behind; `context()` is for calls that shall see each other's effects.
 *
 * @example
 * const sandbox = await Sandbox.create({ component: './greet.wasm' });
 * try {
 *   console.log(await sandbox.exports.greet('World'));
 * } finally {
 *   await sandbox.close();
 * }
 */
// biome-ignore lint/suspicious/noExplicitAny: exports of which nothing is known are any, by contract
export class Sandbox<Exports = any, ContextExports = Exports> {
  /**
   * The component's functions, each answering a promise. Frozen; keyed by the last part of the interface's name
   * in lowerCamel, by its name without version, and by its full name; functions of the world itself at the top.
   */
  readonly exports: Exports;
  readonly component: Component;
  readonly #parts: SandboxParts;

  private constructor(parts: SandboxParts) {
    const defaults: CallOptions = {};
    this.#parts = parts;
    this.component = parts.component;
    // Through `this`: whoever holds the exports holds the sandbox.
    this.exports = buildExports(parts.layout, (callee, args) =>
      this.#parts.engine.call(callee, args, defaults),
    ) as Exports;
    forgotten.register(this, parts.engine);
  }

  /**
   * Loads the component (compiling it, the first time), links `imports`, and starts its VM.
   *
   * Rejects with a HypervisorUnavailableError, ComponentError, LinkError, AbortError, or what `warmup` threw; with
   * a TypeError or RangeError naming the option that is wrong.
   */
  static create<Imports, Exports, ContextExports = Exports>(
    options: TypedOptions<Imports, Exports, ContextExports>,
  ): Promise<Sandbox<Exports, ContextExports>>;
  static create(options: UntypedOptions): Promise<Sandbox>;
  static async create(options: unknown): Promise<Sandbox> {
    return new Sandbox(await createSandbox(parseOptions(options)));
  }

  /** What the sandbox did so far, and how long it took. */
  get stats(): SandboxStats {
    return this.#parts.engine.stats();
  }

  /** The same sandbox, whose calls can be cancelled by `signal` or have a time limit of their own. */
  with(options: CallOptions): SandboxView<Exports, ContextExports> {
    const parsed = parseCallOptions(options);
    return {
      exports: this.#parts.lazyExports((callee, args) =>
        this.#parts.engine.call(callee, args, parsed),
      ) as Exports,
      fetch: (request) => fetchBy(this.#parts, request, parsed),
      context: () => openContext(this, this.#parts, parsed) as Promise<Context<ContextExports>>,
    };
  }

  /**
   * Has a component that exports `wasi:http/incoming-handler` answer the request: a direct call, cancelled by the
   * request's signal. The response is there as soon as its head is; its body ends with the call, by whose limits.
   */
  fetch(request: FetchRequest): Promise<FetchResponse> {
    return fetchBy(this.#parts, request, {});
  }

  /**
   * Opens a context, after the calls that are still under way. Until it is finished, direct calls and further
   * contexts reject with a ContextOpenError.
   */
  context(): Promise<Context<ContextExports>> {
    return openContext(this, this.#parts, {}) as Promise<Context<ContextExports>>;
  }

  /** The base state, to start other sandboxes from. An open context does not change it. */
  snapshot(): Promise<Snapshot> {
    return takeSnapshot(this.#parts);
  }

  /**
   * Makes `count` sandboxes like this one, each in a VM of its own: same base state, imports, output and limits. What
   * they do from then on leaves each other and this one alone.
   */
  async fork(count: number): Promise<Sandbox<Exports, ContextExports>[]> {
    const forks = await forkSandbox(this.#parts, count);
    return forks.map((parts) => new Sandbox<Exports, ContextExports>(parts));
  }

  /** Ends the VM. Calls under way or waiting reject with a ClosedError. Idempotent. */
  close(): Promise<void> {
    return this.#parts.engine.close();
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function fetchBy({ engine, layout }: SandboxParts, request: FetchRequest, options: CallOptions) {
  return serve(request, handlerOf(layout), (callee, args, signal) =>
    engine.call(callee, args, { ...(signal === undefined ? {} : { signal }), ...options }),
  );
}

async function openContext(owner: Sandbox, parts: SandboxParts, options: CallOptions): Promise<Context> {
  const { engine, layout, lazyExports, component } = parts;
  const refusal = refusalOf(engine, 'context()', options.signal, undefined);
  if (refusal !== undefined) throw refusal;
  const state = new ContextState();
  engine.context = state;
  try {
    await engine.changeState('open', { timeoutMs: engine.limits.timeoutMs, ...options });
  } catch (error) {
    if (engine.context === state) engine.context = undefined;
    throw error;
  }
  return newContext({ engine, state, layout, lazyExports, component, defaults: options, owner });
}
