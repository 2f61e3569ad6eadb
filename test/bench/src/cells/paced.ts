// Owns the cells of fresh calls that do not come back to back: the reset is over before the next one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subject } from '../contestants/contestant.js';
import { freshHello } from './calls.js';
import type { Cell } from './cell.js';

export const PACED_NAMES = ['call/fresh-paced/100us/quickjs/hello', 'call/fresh-paced/1ms/quickjs/hello'];

/** QuickJS's hello, about 100 us and 1 ms after the last one's answer. */
export function pacedCells(subject: Subject): Cell[] {
  const [soon, late] = PACED_NAMES as [string, string];
  return [
    after(() => turnsOfTheLoop(100), freshHello(soon, subject), 2_000),
    after(() => sleep(1), freshHello(late, subject), 1_000),
  ];
}

function after(pause: () => Promise<unknown>, cell: Cell, samples: number): Cell {
  return {
    ...cell,
    samples,
    warmUps: 200,
    async sample(turn) {
      await pause();
      return cell.sample(turn);
    },
  };
}

/** No timer is as short; the event loop goes on meanwhile, as in a busy server. */
async function turnsOfTheLoop(micros: number): Promise<void> {
  const end = performance.now() + micros / 1000;
  while (performance.now() < end) await new Promise(setImmediate);
}
