// Owns what a target of the fuzzer is on this side of the wall.

export interface FuzzTarget {
  readonly name: string;
  /** Longer inputs find nothing that shorter ones do not. */
  readonly inputBytesMax: number;
  /** Inputs that reach what matters; those that found a fault lie in `fuzz/seeds`. */
  seeds(): Uint8Array[];
  /** Throws where a promise is broken. */
  run(input: Uint8Array): void;
}
