// Owns Context: calls that see each other's effects, until finish().
import type { Component } from '../component.js';
import { ClosedError } from '../errors/classes.js';
import { GuestClasses } from '../resources/guest-classes.js';
import type { Snapshot } from '../snapshot.js';
import type { ContextState } from './context-state.js';
import type { Engine } from './engine.js';
import { buildExports, type Invoke, type Layout, type lazyExportsOf } from './exports.js';
import type { CallOptions } from './job.js';
import { parseTimeoutMs } from './limits.js';
import { parseSignal } from './options.js';
import { takeSnapshot } from './snapshot.js';
import type { ContextStats } from './stats.js';

/** A view with other options for its calls; it costs next to nothing. */
export interface ContextView<Exports> {
  readonly exports: Exports;
  /** The same resource, whose methods have these options. Throws a TypeError for what is none of this context. */
  bind<R extends object>(resource: R): R;
}

export interface ContextParts {
  readonly engine: Engine;
  readonly component: Component;
  readonly state: ContextState;
  readonly layout: Layout;
  readonly lazyExports: ReturnType<typeof lazyExportsOf>;
  /** From the view of the sandbox through which it was opened. */
  readonly defaults: CallOptions;
  /** Whoever holds the context holds the sandbox; unknown while it warms up. */
  readonly owner?: unknown;
}

/** For the rest of this package only. */
export let newContext: (parts: ContextParts) => Context;

/**
 * Calls through a context see what earlier ones left behind. When one of them traps, runs out of time or is
 * cancelled, that state is gone: the context ends, and further calls through it reject with a ClosedError.
 *
 * @example
 * const context = await sandbox.context();
 * await context.exports.counter.add(1);
 * await context.exports.counter.add(2);
 * await context.finish();
 */
// biome-ignore lint/suspicious/noExplicitAny: exports of which nothing is known are any, by contract
export class Context<Exports = any> {
  readonly exports: Exports;
  readonly #parts: ContextParts;
  readonly #classes: GuestClasses;
  #finishing: Promise<ContextStats> | undefined;

  /** Made by `sandbox.context()`. */
  private constructor(parts: ContextParts) {
    this.#parts = parts;
    const { layout, state } = parts;
    const invoke: Invoke = (callee, args) =>
      this.#parts.engine.call(callee, args, parts.defaults, parts.state);
    this.#classes = new GuestClasses(layout.classes, invoke);
    state.classes = new WeakRef(this.#classes);
    this.exports = buildExports(layout, invoke, this.#classes) as Exports;
  }

  /** The same context, whose calls can be cancelled by `signal` or have a time limit of their own. */
  with(options: CallOptions): ContextView<Exports> {
    const merged = { ...this.#parts.defaults, ...parseCallOptions(options) };
    const { lazyExports, state } = this.#parts;
    const invoke: Invoke = (callee, args) => this.#parts.engine.call(callee, args, merged, state);
    return {
      exports: lazyExports(invoke, this.#classes) as Exports,
      bind: <R extends object>(resource: R) => this.#classes.bind(resource, invoke) as R,
    };
  }

  /** The state that its calls have left so far, to start other sandboxes from. The context goes on. */
  snapshot(): Promise<Snapshot> {
    const { engine, component, state } = this.#parts;
    return takeSnapshot({ engine, component }, state);
  }

  /** Puts the sandbox back into its base state, after the calls that are still under way. Idempotent. */
  finish(): Promise<ContextStats> {
    this.#finishing ??= finish(this.#parts);
    return this.#finishing;
  }

  /** The same as `finish()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  static {
    newContext = (parts) => new Context(parts);
  }
}

async function finish({ engine, state }: ContextParts): Promise<ContextStats> {
  state.finished = true;
  if (state.handles !== undefined) state.handles.isOver = true;
  try {
    if (engine.context === state) {
      // From here on direct calls are taken again: they wait behind the reset.
      engine.context = undefined;
      await engine.changeState('reset');
    }
  } catch (error) {
    // Closing the sandbox finishes its context too.
    if (!(error instanceof ClosedError)) throw error;
  } finally {
    await state.handles?.end();
  }
  return state.totals.snapshot();
}

export function parseCallOptions(options: unknown): CallOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`with: expected an object with signal or timeoutMs, got ${typeof options}`);
  }
  for (const name of Object.keys(options)) {
    if (name !== 'signal' && name !== 'timeoutMs') {
      throw new TypeError(`with: there is no option ${name}; there are signal, timeoutMs`);
    }
  }
  const { signal, timeoutMs } = options as { signal?: unknown; timeoutMs?: unknown };
  const parsed = parseSignal(signal);
  return {
    ...(parsed === undefined ? {} : { signal: parsed }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: parseTimeoutMs('timeoutMs', timeoutMs) }),
  };
}
