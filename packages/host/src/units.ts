// Owns the helpers that make byte counts readable in options.

/** `KiB(64)` is 65,536. */
export const KiB = (count: number): number => count * 1024;

/** `MiB(64)` is 67,108,864. */
export const MiB = (count: number): number => count * 1024 ** 2;

/** `GiB(1)` is 1,073,741,824. */
export const GiB = (count: number): number => count * 1024 ** 3;
