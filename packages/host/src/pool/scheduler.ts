// Owns which VM of a pool serves which call or context, and how the pool comes to its end.
import { AbortError, ClosedError } from '../errors/classes.js';
import { type Context, newContext } from '../sandbox/context.js';
import { ContextState } from '../sandbox/context-state.js';
import type { SandboxParts } from '../sandbox/create.js';
import type { Engine } from '../sandbox/engine.js';
import type { CallOptions } from '../sandbox/job.js';
import type { BoundFunction } from '../world/functions.js';
import { encodeArguments } from './encode.js';
import { IdleMembers } from './idle.js';
import type { Made } from './make.js';
import type { Member } from './member.js';
import { type Lender, Members } from './members.js';
import type { PoolSettings } from './options.js';
import { Report } from './report.js';
import type { PoolStats } from './stats.js';
import { type Waiter, Waiters } from './waiters.js';

const TIMER_MS_MAX = 2 ** 31 - 1;

/** Puts VMs back whose context was dropped without finish(): nobody can call through it any more. */
const dropped = new FinalizationRegistry<{ engine: Engine; state: ContextState }>(({ engine, state }) => {
  if (engine.context !== state) return;
  engine.context = undefined;
  const reset = engine.changeState('reset').catch(() => undefined);
  void reset.then(() => state.handles?.end());
});

export class Scheduler {
  /** What all VMs of the pool have in common. */
  readonly #common: SandboxParts;
  readonly #idle = new IdleMembers();
  readonly #waiters: Waiters;
  readonly #members: Members;
  readonly #report = new Report(() => ({
    size: this.#members.size,
    idle: this.#idle.size,
    waiting: this.#waiters.size,
  }));
  #serving = false;
  #closed: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  constructor(settings: PoolSettings, { parts, maker }: Made) {
    this.#common = parts[0];
    this.#waiters = new Waiters(settings, () => this.#hint(), this.#report);
    const lender: Lender = {
      wanted: () => this.#members.size - this.#idle.size + this.#waiters.size,
      onReady: (member) => this.#welcome(member),
      onUnavailable: (error) => this.#unavailable(error),
    };
    const report = this.#report;
    this.#members = new Members({ settings, maker, idle: this.#idle, lender, report });
    for (const one of parts) this.#members.add(one);
    report.tell('created');
  }

  /** The way of a call for which a VM is free adds next to nothing to that of a sandbox. */
  call(callee: BoundFunction, args: unknown[], options: CallOptions): Promise<unknown> {
    const member = this.#take();
    if (member === undefined) return this.#callLater(callee, args, options);
    this.#report.tell('lent');
    const { engine } = member;
    const answer = engine.call(callee, args, options);
    if (engine.isIdle && member.isLent) {
      member.isBackAtOnce();
      this.#isIdle(member);
    }
    return answer;
  }

  context(options: CallOptions, owner: unknown): Promise<Context> {
    if (options.signal?.aborted) return Promise.reject(new AbortError(options.signal.reason));
    const member = this.#take();
    if (member !== undefined) {
      this.#report.tell('lent');
      return Promise.resolve(this.#open(member, options, owner));
    }
    const timeoutMs = options.timeoutMs ?? this.#limits.timeoutMs;
    return this.#wait({ kind: 'context', what: 'context()', options, timeoutMs, owner }) as Promise<Context>;
  }

  stats(): PoolStats {
    const [members, waiters] = [this.#members, this.#waiters];
    const { created, lost } = members.totals;
    return {
      ...members.sums(),
      size: members.size,
      idle: this.#idle.size,
      busy: members.size - this.#idle.size,
      starting: members.starting,
      waiting: waiters.size,
      waited: waiters.waited,
      waitMicros: waiters.waitMicros,
      waitedInVain: waiters.inVain,
      created,
      lost,
    };
  }

  /** Takes nothing more; ends when all is done that was taken, or after `timeoutMs`. */
  close(timeoutMs: number): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    if (timeoutMs === 0) this.#end();
    this.#endIfDrained();
    if (this.#onDrained !== undefined && timeoutMs <= TIMER_MS_MAX) this.#endAfter(timeoutMs);
    return this.#closed;
  }

  get #limits(): Engine['limits'] {
    return this.#common.engine.limits;
  }

  /** A VM that is lent from now on. None is while others wait: those were first. */
  #take(): Member | undefined {
    return this.#waiters.size === 0 && this.#closed === undefined ? this.#idle.take() : undefined;
  }

  #callLater(callee: BoundFunction, args: unknown[], options: CallOptions): Promise<unknown> {
    const transfer = this.#common.engine.transfers.begin(undefined);
    let request: Uint8Array;
    try {
      request = encodeArguments(callee, args, this.#limits.maxRequestBytes, transfer);
    } catch (error) {
      return Promise.reject(error);
    }
    if (options.signal?.aborted) return Promise.reject(new AbortError(options.signal.reason));
    const timeoutMs = options.timeoutMs ?? this.#limits.timeoutMs;
    const endsAtMs = performance.now() + timeoutMs;
    const call = { callee, request, transfer };
    return this.#wait({ kind: 'call', what: callee.name, call, options, timeoutMs, endsAtMs });
  }

  #wait(wish: Wish): Promise<unknown> {
    if (this.#closed !== undefined)
      return Promise.reject(new ClosedError(`${wish.what}: the pool is closed`));
    const { unavailable } = this.#members;
    if (unavailable !== undefined) return Promise.reject(unavailable);
    return new Promise((resolve, reject) => {
      const full = this.#waiters.push({ ...wish, resolve, reject });
      if (full !== undefined) reject(full);
      else this.#members.adjust();
    });
  }

  #open(member: Member, options: CallOptions, owner: unknown): Context {
    const { engine } = member;
    const { layout, lazyExports, component } = this.#common;
    const state = new ContextState();
    engine.context = state;
    const context = newContext({ engine, state, layout, lazyExports, component, defaults: options, owner });
    dropped.register(context, { engine, state });
    return context;
  }

  #welcome(member: Member): void {
    const { engine } = member;
    engine.onIdle = () => {
      if (engine.isIdle) this.#giveBack(member);
      else if (engine.closed !== undefined) this.#lost(member);
    };
    this.#giveBack(member);
  }

  #lost(member: Member): void {
    this.#members.lost(member);
    this.#endIfDrained();
  }

  #giveBack(member: Member): void {
    if (!member.isLent) return;
    member.isBack();
    this.#isIdle(member);
  }

  #isIdle(member: Member): void {
    this.#idle.add(member);
    if (this.#waiters.size > 0) this.#serve();
    if (this.#closed !== undefined) this.#endIfDrained();
  }

  /** Whoever waits gets what is free. A loop: calls may be answered at once, and their VMs come back meanwhile. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#waiters.size > 0) {
      const member = this.#idle.take();
      if (member === undefined) break;
      const waiter = this.#waiters.shift()!;
      waiter.resolve(this.#lend(member, waiter));
      if (member.engine.isIdle) this.#giveBack(member);
    }
    this.#serving = false;
  }

  #lend(member: Member, waiter: Waiter): unknown {
    if (waiter.kind === 'context') return this.#open(member, waiter.options, waiter.owner);
    const { call, options, endsAtMs } = waiter;
    return member.engine.callLater(call, options, endsAtMs);
  }

  #endIfDrained(): void {
    const { size } = this.#members;
    if (this.#closed !== undefined && this.#waiters.size === 0 && this.#idle.size === size) this.#end();
  }

  #endAfter(timeoutMs: number): void {
    const timer = setTimeout(() => this.#end(), timeoutMs);
    void this.#closed?.then(() => clearTimeout(timer));
  }

  #end(): void {
    const resolve = this.#onDrained;
    if (resolve === undefined) return;
    this.#onDrained = undefined;
    this.#waiters.rejectAll(new ClosedError('the pool was closed'));
    void this.#members.close().then(() => {
      this.#report.tell('closed');
      resolve();
    });
  }

  /** No VM is left, and none could be made. */
  #unavailable(error: ClosedError): void {
    this.#waiters.rejectAll(error);
    this.#endIfDrained();
  }

  /** Why no VM comes free, where the reason may be the caller's own. */
  #hint(): string {
    const members = [...this.#members];
    const names = new Set(members.map(({ engine }) => engine.waitsFor).filter((name) => name !== undefined));
    const asking = members.filter(({ engine }) => engine.waitsFor !== undefined).length;
    const kept = members.filter(({ engine }) => engine.context !== undefined).length;
    const of = `of its ${members.length} VMs`;
    if (asking > 0) {
      return `; ${asking} ${of} wait for host functions (${[...names].join(', ')}): if one of those made this call, it may have waited for itself; give it another pool, or this one more VMs`;
    }
    return kept > 0 ? `; ${kept} ${of} are kept by open contexts: finish() gives them back` : '';
  }
}

/** Of what waits, all but how it is told. */
type Wish = Waiter extends infer W ? (W extends Waiter ? Omit<W, 'resolve' | 'reject'> : never) : never;
