// Owns how many VMs a pool has: makes more when they are wanted, replaces those that are lost, closes idle ones.
import { ClosedError } from '../errors/classes.js';
import type { SandboxParts } from '../sandbox/create.js';
import type { IdleMembers } from './idle.js';
import { type Maker, STARTING_MAX } from './make.js';
import { Member } from './member.js';
import type { PoolSettings } from './options.js';
import type { Report } from './report.js';
import { PoolTotals, type Sums } from './stats.js';

/** The second trouble in a row is waited for so long, each further one twice as long. */
const PAUSE_MS_FIRST = 100;
const PAUSE_MS_MAX = 10_000;
/** After so long without trouble, the next is the first again. */
const CALM_MS = 60_000;
/** So many failures in a row, and those who wait are told. */
const FAILURES_MAX = 3;
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Not an error, as there would be without it: an error's stack would keep the pool for as long as its members are there. */
const CLOSED = 'the pool was closed';

/** What the members are told by whoever lends them. */
export interface Lender {
  /** How many there should be, going by those who wait. */
  wanted(): number;
  /** There is a new one. */
  onReady(member: Member): void;
  /** There is none, and none can be made. */
  onUnavailable(error: ClosedError): void;
}

export interface MembersParts {
  readonly settings: PoolSettings;
  readonly maker: Maker;
  readonly idle: IdleMembers;
  readonly lender: Lender;
  readonly report: Report;
}

export class Members {
  /** Why there is none at all, after several attempts; they go on. */
  unavailable: ClosedError | undefined;
  starting = 0;
  readonly totals = new PoolTotals();
  readonly #all = new Set<Member>();
  /** Not of the pool any more, but still counting. */
  readonly #leaving = new Set<Member>();
  readonly #settings: PoolSettings;
  readonly #maker: Maker;
  readonly #idle: IdleMembers;
  readonly #lender: Lender;
  readonly #report: Report;
  readonly #stop = new AbortController();
  #troubles = 0;
  #lastTroubleMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Lost, and not replaced yet. */
  #missing = 0;
  #pause: NodeJS.Timeout | undefined;
  #shrink: NodeJS.Timeout | undefined;

  constructor({ settings, maker, idle, lender, report }: MembersParts) {
    this.#settings = settings;
    this.#maker = maker;
    this.#idle = idle;
    this.#lender = lender;
    this.#report = report;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#all.values();
  }

  /** Of all VMs that there ever were. */
  sums(): Sums {
    return this.totals.sum([...this.#all, ...this.#leaving].map(({ engine }) => engine.stats()));
  }

  /** Told on the channel as `kind`; those that the pool begins with are not. */
  add(parts: SandboxParts, kind?: 'grown' | 'replaced'): void {
    const member = new Member(parts);
    this.#all.add(member);
    this.totals.created++;
    this.#failures = 0;
    this.unavailable = undefined;
    if (kind !== undefined) this.#report.tell(kind);
    this.#lender.onReady(member);
    this.#shrinkLater();
  }

  /** Starts what is missing. */
  adjust(): void {
    const { min, max } = this.#settings;
    const wanted = Math.min(max, Math.max(min, this.#lender.wanted()));
    if (this.#stop.signal.aborted || this.#pause !== undefined) return;
    while (this.size + this.starting < wanted && this.starting < STARTING_MAX) this.#start();
  }

  /** Its VM is gone, and nobody asked for it. */
  lost(member: Member): void {
    if (!this.#forget(member)) return;
    void this.#retire(member);
    this.totals.lost++;
    this.#missing++;
    this.#report.tell('lost');
    this.#trouble();
    this.adjust();
  }

  /** Ends all of them, and whatever was being started. */
  async close(): Promise<void> {
    this.#stop.abort(CLOSED);
    this.#maker.close();
    clearTimeout(this.#pause);
    clearTimeout(this.#shrink);
    const members = [...this.#all];
    for (const member of members) this.#forget(member);
    await Promise.all(members.map((member) => this.#retire(member)));
  }

  #grow(parts: SandboxParts): void {
    const isReplacement = this.#missing > 0;
    if (isReplacement) this.#missing--;
    this.add(parts, isReplacement ? 'replaced' : 'grown');
  }

  #forget(member: Member): boolean {
    if (!this.#all.delete(member)) return false;
    this.#idle.remove(member);
    return true;
  }

  /** Ends its VM, if that has not ended; until then it counts. */
  async #retire(member: Member): Promise<void> {
    this.#leaving.add(member);
    await member.engine.close();
    this.#leaving.delete(member);
    this.totals.keep(member.engine.stats());
  }

  #start(): void {
    this.starting++;
    this.#maker.make(this.#stop.signal).then(
      (parts) => {
        this.starting--;
        if (this.#stop.signal.aborted) void parts.engine.close();
        else this.#grow(parts);
        this.adjust();
      },
      (error: unknown) => {
        this.starting--;
        if (!this.#stop.signal.aborted) this.#failed(error);
      },
    );
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#report.tell('failed', 0, error);
    this.#trouble();
    if (this.size === 0 && this.#failures >= FAILURES_MAX) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `the pool has no VM left, and another could not be made (${this.#failures} attempts, more follow): ${why}`;
      this.unavailable = new ClosedError(message, { cause: error });
      this.#lender.onUnavailable(this.unavailable);
    }
    this.adjust();
  }

  /** What goes wrong again and again is tried again ever more slowly. */
  #trouble(): void {
    const now = performance.now();
    this.#troubles = now - this.#lastTroubleMs > CALM_MS ? 1 : this.#troubles + 1;
    this.#lastTroubleMs = now;
    if (this.#troubles === 1 || this.#pause !== undefined || this.#stop.signal.aborted) return;
    const ms = Math.min(PAUSE_MS_MAX, PAUSE_MS_FIRST * 2 ** (this.#troubles - 2));
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.adjust();
    }, ms);
    // Who waits for a VM has a timer of their own.
    this.#pause.unref();
  }

  #shrinkLater(): void {
    const { min, idleTimeoutMs } = this.#settings;
    if (this.#shrink !== undefined || this.size <= min || idleTimeoutMs > TIMER_MS_MAX) return;
    const oldest = this.#idle.oldest();
    const idleMs = oldest === undefined ? 0 : performance.now() - oldest.idleSinceMs;
    this.#shrink = setTimeout(() => this.#shrinkNow(), Math.max(1, idleTimeoutMs - idleMs));
    this.#shrink.unref();
  }

  #shrinkNow(): void {
    this.#shrink = undefined;
    const { min, idleTimeoutMs } = this.#settings;
    const now = performance.now();
    for (;;) {
      const member = this.#idle.oldest();
      if (member === undefined || this.size <= min || now - member.idleSinceMs < idleTimeoutMs) break;
      this.#forget(member);
      void this.#retire(member);
      this.#report.tell('shrunk');
    }
    this.#shrinkLater();
  }
}
