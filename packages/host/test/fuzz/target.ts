// Owns what a target of the fuzzer is on this side of the wall.

export interface FuzzTarget {
  readonly name: string;
  /** Longer inputs find nothing that shorter ones do not. */
  readonly inputBytesMax: number;
  /** It runs VMs, of which so many inputs take seconds. */
  readonly vm?: { readonly runsInTests: number };
  /** Inputs that reach what matters; those that found a fault lie in `fuzz/seeds`. */
  seeds(): Uint8Array[];
  /** Before the first input, and after the last. */
  open?(): Promise<void>;
  close?(): Promise<void>;
  /** Throws or rejects where a promise is broken. One input at a time. */
  run(input: Uint8Array): void | Promise<void>;
}
