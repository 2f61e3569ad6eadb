// Owns the list of what is measured.
import { createWarmed, HyperlightSubject, hyperlight } from '../contestants/hyperlight.js';
import type { Guest, Guests } from '../guests.js';
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

/**
 * Starts the guests. Rust stands for what does not depend on the engine, QuickJS for what a plug-in usually is.
 * Each length of echo has sandboxes of its own: one that once wrote a megabyte has more to put back ever after.
 */
export async function makePlan({ built, leftOut }: Guests): Promise<Plan> {
  const started: { close(): Promise<void> }[] = [];
  const cells: Cell[] = [];
  const { prefix } = hyperlight;
  const start = async (guest: Guest) => {
    const subject = await HyperlightSubject.start(guest);
    started.push(subject);
    return subject;
  };

  for (const guest of built) {
    const subject = await start(guest);
    const warmed = await createWarmed(guest);
    started.push(warmed);
    cells.push(...callCells(prefix, subject));
    cells.push(helloCell(`call/fresh-warmed/${guest.engine}/hello`, warmed.exports));
    if (guest.engine === 'quickjs') {
      cells.push(firstAnswer(guest), loadCached(guest), ...resetCells(subject));
    }
    if (guest.engine === 'rust') {
      for (const byteCount of ECHO_BYTES) cells.push(...echoCells(prefix, await start(guest), byteCount));
      cells.push(hostCallCell(prefix, await start(guest)));
    }
  }
  return {
    cells: cells.sort((left, right) => left.name.localeCompare(right.name, 'en', { numeric: true })),
    skipped: leftOut.map(({ engine, reason }) => ({ name: `call/*/${engine}/*`, reason })),
    close: async () => {
      for (const each of started) await each.close();
    },
  };
}
