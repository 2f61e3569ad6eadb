// Owns looking up a result by its name, or the reason why there is none.
import type { Unavailable } from '../cells/cell.js';
import type { Outcome, Result } from '../harness.js';

export class Figures {
  readonly #results: ReadonlyMap<string, Result>;
  readonly #reasons: readonly { pattern: RegExp; reason: string }[];

  constructor({ results, failed, skipped }: Outcome & { readonly skipped: readonly Unavailable[] }) {
    this.#results = new Map(results.map((result) => [result.name, result]));
    this.#reasons = [
      ...failed.map(({ name, error }) => ({ name, reason: `failed: ${error.split('\n')[0]}` })),
      ...skipped,
    ].map(({ name, reason }) => ({ pattern: patternOf(name), reason }));
  }

  get(name: string): Result | undefined {
    return this.#results.get(name);
  }

  /** Undefined where the run did not ask for it. */
  reason(name: string): string | undefined {
    return this.#reasons.find(({ pattern }) => pattern.test(name))?.reason;
  }

  /** The one with the lowest median; the first of the names where none is there. */
  fastest(names: readonly string[]): string {
    return this.#best(names, (candidate, best) => candidate.p50 < best.p50);
  }

  /** The one with the most calls per second. */
  busiest(names: readonly string[]): string {
    return this.#best(names, (candidate, best) => candidate.p50 > best.p50);
  }

  #best(names: readonly string[], isBetter: (candidate: Result, best: Result) => boolean): string {
    let best: Result | undefined;
    for (const name of names) {
      const candidate = this.get(name);
      if (candidate && (best === undefined || isBetter(candidate, best))) best = candidate;
    }
    return best?.name ?? names[0]!;
  }
}

/** `*` stands for anything. */
function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
