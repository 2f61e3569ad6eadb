// Owns making further sandboxes like one that is there.
import { createSandbox, type SandboxParts } from './create.js';
import { takeSnapshot } from './snapshot.js';

/** Each has a thread and memory of its own; who asks for more has mistaken something. */
const COUNT_MAX = 1_000;

/** All or none: where one cannot be made, the others are closed again. */
export async function forkSandbox(parent: SandboxParts, count: number): Promise<SandboxParts[]> {
  if (typeof count !== 'number') throw new TypeError(`fork: expected number, got ${typeof count}`);
  if (!Number.isSafeInteger(count) || count < 1 || count > COUNT_MAX) {
    throw new RangeError(`fork: expected a whole number from 1 to ${COUNT_MAX}, got ${count}`);
  }
  const snapshot = await takeSnapshot(parent);
  try {
    const options = {
      ...parent.inherited,
      snapshot,
      component: undefined,
      // Done once for the base state that all of them have; the parent's create is over.
      warmup: undefined,
      signal: undefined,
      onProgress: undefined,
    };
    const made = await Promise.allSettled(Array.from({ length: count }, () => createSandbox(options)));
    const forks = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = made.find((one) => one.status === 'rejected');
    if (failed === undefined) return forks;
    await Promise.all(forks.map((fork) => fork.engine.close()));
    throw failed.reason;
  } finally {
    snapshot.close();
  }
}
