// Owns how the VMs of a pool come to be: the first one boots and warms up, the others are clones of its base state.
import { availableParallelism } from 'node:os';
import { abortable } from '../abort.js';
import { AbortError } from '../errors/classes.js';
import { createSandbox, type SandboxParts } from '../sandbox/create.js';
import type { ParsedOptions } from '../sandbox/options.js';
import { takeSnapshot } from '../sandbox/snapshot.js';
import type { Snapshot } from '../snapshot.js';
import type { AbortSignalLike } from '../structural.js';

/** VMs that are made side by side: their start is work for a core each. */
export const STARTING_MAX = Math.max(2, availableParallelism());

export interface Made {
  readonly parts: readonly [SandboxParts, ...SandboxParts[]];
  readonly maker: Maker;
}

/** Makes further VMs like the first. */
export class Maker {
  readonly #inherited: SandboxParts['inherited'];
  readonly #base: Snapshot;

  constructor({ inherited }: SandboxParts, base: Snapshot) {
    this.#inherited = inherited;
    this.#base = base;
  }

  make(signal: AbortSignalLike | undefined): Promise<SandboxParts> {
    const [component, warmup, onProgress] = [undefined, undefined, undefined];
    return createSandbox({ ...this.#inherited, snapshot: this.#base, component, warmup, onProgress, signal });
  }

  /** No more will be made. */
  close(): void {
    this.#base.close();
  }
}

/** `count` VMs, or none and what went wrong. */
export async function makeFirst(count: number, options: ParsedOptions): Promise<Made> {
  const { signal } = options;
  const first = await createSandbox(options);
  const made: [SandboxParts, ...SandboxParts[]] = [first];
  let maker: Maker | undefined;
  try {
    maker = new Maker(first, await abortable(signal, takeSnapshot(first)));
    await makeFurther(count - 1, maker, signal, made);
    return { parts: made, maker };
  } catch (error) {
    maker?.close();
    const closed = Promise.all(made.map(({ engine }) => engine.close()));
    // Who cancels does not wait until the VMs are gone.
    if (!(error instanceof AbortError)) await closed;
    throw error;
  }
}

/** Rejects with the first failure, when nothing is being made any more. */
async function makeFurther(
  count: number,
  maker: Maker,
  signal: AbortSignalLike | undefined,
  made: SandboxParts[],
): Promise<void> {
  const failures: unknown[] = [];
  let missing = count;
  const lane = async (): Promise<void> => {
    while (missing > 0 && failures.length === 0) {
      missing--;
      await maker.make(signal).then(
        (parts) => made.push(parts),
        (error: unknown) => failures.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: STARTING_MAX }, lane));
  if (failures.length > 0) throw failures[0];
}
