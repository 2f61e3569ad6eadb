// Owns which names are taken: gives each of many declarations a name of its own, the same in every run.

/** A declaration, and the names that would suit it, best first. */
export interface Wanted<Id> {
  readonly id: Id;
  readonly names: readonly string[];
}

/** The names of one module. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  isFree(name: string): boolean {
    return !this.#taken.has(name);
  }

  /** `name`, or that name with the first number that makes it free. */
  declare(name: string): string {
    let free = name;
    for (let number = 2; this.#taken.has(free); number++) free = `${name}${number}`;
    this.#taken.add(free);
    return free;
  }

  /**
   * A name for each. Those that want the same name all give it up for their next best, so that
   * none depends on which came first; only when they have no other are they numbered.
   */
  assign<Id>(wanted: readonly Wanted<Id>[]): Map<Id, string> {
    const assigned = new Map<Id, string>();
    let left = [...wanted];
    for (let choice = 0; left.length > 0; choice++) {
      const isLast = (one: Wanted<Id>) => choice >= one.names.length - 1;
      const count = new Map<string, number>();
      for (const one of left) {
        const name = one.names[Math.min(choice, one.names.length - 1)] as string;
        count.set(name, (count.get(name) ?? 0) + 1);
      }
      const next: Wanted<Id>[] = [];
      for (const one of left) {
        const name = one.names[Math.min(choice, one.names.length - 1)] as string;
        const isFree = count.get(name) === 1 && !this.#taken.has(name);
        if (isFree || isLast(one)) assigned.set(one.id, this.declare(name));
        else next.push(one);
      }
      left = next;
    }
    return assigned;
  }
}
