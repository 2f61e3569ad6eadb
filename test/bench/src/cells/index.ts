// Owns the list of what is measured.
import { type BenchSandbox, createWarmed, HyperlightSubject, hyperlight } from '../contestants/hyperlight.js';
import type { Engine, Guests } from '../guests.js';
import { callCells, echoCells, helloCell, hostCallCell } from './calls.js';
import type { Cell } from './cell.js';
import { firstAnswer, loadCached, resetCells } from './lifecycle.js';

const ECHO_BYTES = [128, 4_096, 1 << 20];

export interface Plan {
  readonly cells: readonly Cell[];
  /** Results that there cannot be, and why. */
  readonly skipped: readonly { name: string; reason: string }[];
  close(): Promise<void>;
}

/** Starts the guests. `rust` stands for what does not depend on the engine, `quickjs` for what a plug-in usually is. */
export async function makePlan({ built, leftOut }: Guests): Promise<Plan> {
  const subjects = new Map<Engine, HyperlightSubject>();
  for (const guest of built) subjects.set(guest.engine, await HyperlightSubject.start(guest));
  const warmed = new Map<Engine, BenchSandbox>();
  for (const guest of built) warmed.set(guest.engine, await createWarmed(guest));
  const subjectOf = (engine: Engine) => subjects.get(engine)!;
  const { prefix } = hyperlight;
  const rust = subjectOf('rust');
  const quickjs = subjectOf('quickjs');
  return {
    cells: [
      firstAnswer(quickjs.guest),
      ...built.flatMap(({ engine }) => callCells(prefix, subjectOf(engine))),
      ...[...warmed].map(([engine, { exports }]) => helloCell(`call/fresh-warmed/${engine}/hello`, exports)),
      ...ECHO_BYTES.flatMap((byteCount) => echoCells(prefix, rust, byteCount)),
      hostCallCell(prefix, rust),
      ...resetCells(quickjs),
      loadCached(quickjs.guest),
    ],
    skipped: leftOut.map(({ engine, reason }) => ({ name: `call/*/${engine}/*`, reason })),
    close: async () => {
      for (const started of [...subjects.values(), ...warmed.values()]) await started.close();
    },
  };
}
