// Owns collecting the cells of one process: those that are asked for, and the reasons why others cannot be.
import { type Cell, messageOf, type Unavailable } from '../cells/cell.js';

export class Planner {
  readonly cells: Cell[] = [];
  readonly unavailable: Unavailable[] = [];
  readonly #only: string;

  constructor(only: string) {
    this.#only = only;
  }

  /** Makes the cells of these names, if any of them is asked for. What is in their way is said of each. */
  async add(names: readonly string[], make: () => Promise<readonly Cell[]>): Promise<void> {
    const asked = names.filter((name) => name.includes(this.#only));
    if (asked.length === 0) return;
    try {
      this.cells.push(...(await make()).filter(({ name }) => asked.includes(name)));
    } catch (error) {
      const reason = messageOf(error);
      this.unavailable.push(...asked.map((name) => ({ name, reason })));
    }
  }

  /** For what nobody can do here. */
  leaveOut(names: readonly string[], reason: string): void {
    const asked = names.filter((name) => name.includes(this.#only));
    this.unavailable.push(...asked.map((name) => ({ name, reason })));
  }
}
