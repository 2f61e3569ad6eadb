// Owns random changes of inputs, the same for the same seed.

/** Numbers at which lengths and counts go wrong, as the bytes of a word. */
const EDGES = [0, 1, 0x7f, 0xff, 0x100, 0xffff, 0xd800, 0x10_ffff, 0x11_0000, 0x7fff_ffff, 0xffff_ffff];

const CHANGES_MAX = 5;

export class Mutator {
  readonly #corpus: readonly Uint8Array[];
  readonly #input: Uint8Array;
  #length = 0;
  #state: number;

  constructor(seed: number, corpus: readonly Uint8Array[], bytesMax: number) {
    if (corpus.length === 0) throw new Error('a corpus of nothing cannot be changed');
    // Not 0, of which nothing would ever come.
    this.#state = seed | 1;
    this.#corpus = corpus;
    this.#input = new Uint8Array(bytesMax);
  }

  /** Another input; it is valid until the next one. */
  next(): Uint8Array {
    this.#length = 0;
    if (this.#below(64) === 0) {
      const length = this.#below(this.#input.length + 1);
      for (let index = 0; index < length; index++) this.#input[index] = this.#below(256);
      this.#length = length;
    } else {
      this.#append(this.#chosen(), 0);
      for (let changes = this.#below(CHANGES_MAX) + 1; changes > 0; changes--) this.#change();
    }
    return this.#input.subarray(0, this.#length);
  }

  #change(): void {
    const length = this.#length;
    const at = this.#below(length);
    const input = this.#input;
    switch (this.#below(8)) {
      case 0:
      case 1:
        input[at] = input[at]! ^ (1 << this.#below(8));
        break;
      case 2:
        input[at] = this.#below(256);
        break;
      case 3:
        this.#putEdge(at);
        break;
      case 4: {
        const count = this.#below(length - at);
        input.copyWithin(at, at + count, length);
        this.#length = length - count;
        break;
      }
      case 5: {
        const count = Math.min(1 + this.#below(8), input.length - length);
        input.copyWithin(at + count, at, length);
        for (let index = 0; index < count; index++) input[at + index] = this.#below(256);
        this.#length = length + count;
        break;
      }
      case 6:
        input.copyWithin(at, this.#below(length), length);
        break;
      default: {
        const other = this.#chosen();
        this.#length = at;
        this.#append(other, this.#below(other.length));
      }
    }
  }

  #putEdge(at: number): void {
    const edge = EDGES[this.#below(EDGES.length)]! + this.#below(3) - 1;
    const end = Math.min(this.#length, at + (2 << this.#below(2)));
    for (let index = at; index < end; index++) this.#input[index] = edge >>> (8 * (index - at));
  }

  #chosen(): Uint8Array {
    return this.#corpus[this.#below(this.#corpus.length)]!;
  }

  #append(other: Uint8Array, from: number): void {
    const end = Math.min(other.length, from + this.#input.length - this.#length);
    for (let index = from; index < end; index++) this.#input[this.#length++] = other[index]!;
  }

  /** The generator mulberry32. */
  #below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }
}
