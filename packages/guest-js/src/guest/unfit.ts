// Owns what does not fit among the author's exports: gathered, so that one build tells all of it.

/** Begins the message by which the build knows these mistakes from an error of the author's top level. */
export const UNFIT = 'hl:unfit';

export interface Misfit {
  text: string;
  /** Line and column in the bundle of the function that it is about. */
  at?: readonly [number, number];
}

export class Misfits {
  readonly #found: Misfit[] = [];

  add(text: string, at?: readonly [number, number]): void {
    this.#found.push({ text, ...(at && { at }) });
  }

  /**
   * # Throws
   * An error whose message is for the build, all in one line.
   */
  refuse(): void {
    if (this.#found.length > 0) throw new Error(`${UNFIT} ${JSON.stringify(this.#found)}`);
  }
}

/** What the author has under a name that only looks like `wanted`, such as `dark_green` for `darkGreen`. */
export function alike(members: object, wanted: string): string | undefined {
  const plain = (name: string) => name.replace(/[-_]/g, '').toLowerCase();
  return Object.keys(members).find((name) => name !== wanted && plain(name) === plain(wanted));
}

const AsyncFunction = Object.getPrototypeOf(async () => {}) as object;

/** Declared as async: each call of it answers a promise, whatever it does. */
export function isAsync(implementation: object): boolean {
  return Object.getPrototypeOf(implementation) === AsyncFunction;
}

/** Where it begins in the bundle, which QuickJS knows of each function. */
export function placeOf(implementation: object): readonly [number, number] | undefined {
  const { lineNumber, columnNumber } = implementation as { lineNumber?: unknown; columnNumber?: unknown };
  return typeof lineNumber === 'number' && typeof columnNumber === 'number'
    ? [lineNumber, columnNumber]
    : undefined;
}
