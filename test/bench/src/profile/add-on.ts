// Owns looking at the add-on from outside: what it is called for, and how long that takes.
import { createRequire } from 'node:module';

type Crossing = (handle: number, bytes?: Uint8Array) => number;

/** On the path of a call. */
const CROSSINGS = ['call', 'callWith', 'resume', 'resumeWith', 'takeReply'] as const;
const PENDING = 0;

/** What one call did in the add-on; times are of performance.now(). */
export interface Visit {
  /** 0: it never came there. */
  enteredMs: number;
  leftMs: number;
  /** In its functions, without the host functions between them. */
  insideMs: number;
  crossings: number;
  /** The answer did not come while the caller waited. */
  isPending: boolean;
}

export class AddOn {
  readonly visit: Visit = { enteredMs: 0, leftMs: 0, insideMs: 0, crossings: 0, isPending: false };
  readonly #functions: Record<string, Crossing>;
  readonly #originals: ReadonlyMap<string, Crossing>;
  #handle = 0;

  /** The one that @hl/host has loaded. */
  constructor() {
    const ours = loadedAddOns().find((exports) => CROSSINGS.every((name) => name in exports));
    if (ours === undefined) throw new Error('the add-on of @hl/host is not loaded');
    this.#functions = ours as Record<string, Crossing>;
    this.#originals = new Map(CROSSINGS.map((name) => [name, this.#functions[name]!]));
  }

  /** From now on `visit` tells of what goes on; it makes calls slower. */
  watch(): void {
    for (const [name, original] of this.#originals) this.#functions[name] = this.#watched(original);
  }

  unwatch(): void {
    for (const [name, original] of this.#originals) this.#functions[name] = original;
  }

  forget(): void {
    const { visit } = this;
    visit.enteredMs = 0;
    visit.insideMs = 0;
    visit.crossings = 0;
    visit.isPending = false;
  }

  /** The cheapest way there and back: an answer that nobody waits for. For a time in which nothing runs. */
  crossing(): () => void {
    const resume = this.#originals.get('resume')!;
    const handle = this.#handle;
    return () => {
      resume(handle);
    };
  }

  #watched(original: Crossing): Crossing {
    const { visit } = this;
    const watched = (handle: number, bytes?: Uint8Array) => {
      const enteredMs = performance.now();
      const status = bytes === undefined ? original(handle) : original(handle, bytes);
      visit.leftMs = performance.now();
      this.#handle = handle;
      if (visit.enteredMs === 0) visit.enteredMs = enteredMs;
      visit.insideMs += visit.leftMs - enteredMs;
      visit.crossings += 1;
      if (status === PENDING) visit.isPending = true;
      return status;
    };
    return watched;
  }
}

/** V8 calls the functions of all add-ons by the name of the first one that it met. */
export function addOnNames(): string[] {
  return loadedAddOns().flatMap((exports) => Object.keys(exports));
}

function loadedAddOns(): object[] {
  const { cache } = createRequire(import.meta.url);
  const addOns = Object.values(cache).filter((module) => module?.filename.endsWith('.node'));
  return addOns.map((module) => Object(module?.exports) as object);
}
