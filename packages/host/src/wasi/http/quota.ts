// Owns how many bytes of headers and unsent bodies a guest can make the host keep.

const BYTES_MAX = 4 << 20;

export class Quota {
  #used = 0;

  get left(): number {
    return BYTES_MAX - this.#used;
  }

  take(bytes: number): void {
    // Also where `bytes` is not a number at all.
    if (!(bytes >= 0 && bytes <= this.left))
      throw new RangeError(`more than ${BYTES_MAX} bytes of headers and unsent bodies`);
    this.#used += bytes;
  }

  /** Also of what was taken before `reset`. */
  give(bytes: number): void {
    this.#used = Math.max(0, this.#used - bytes);
  }

  /** The guest's state is gone, and all that it made. */
  reset(): void {
    this.#used = 0;
  }
}
