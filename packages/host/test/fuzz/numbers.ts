// Owns taking numbers off the front of an input: what a target makes of its bytes.

/** What is missing is 0. */
export class Numbers {
  readonly #input: Uint8Array;
  #at = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  get isOver(): boolean {
    return this.#at >= this.#input.length;
  }

  u8(): number {
    return this.#input[this.#at++] ?? 0;
  }

  u32(): number {
    return (this.u8() | (this.u8() << 8) | (this.u8() << 16) | (this.u8() << 24)) >>> 0;
  }

  /** Of one byte: `end` is 256 at most. */
  below(end: number): number {
    return this.u8() % end;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.u8());
  }

  rest(): Uint8Array {
    const rest = this.#input.slice(this.#at);
    this.#at = this.#input.length;
    return rest;
  }
}
