// Owns the cells about sandboxes that start from a snapshot: in new VMs, in recycled ones, in a second process.
import {
  type BenchSandbox,
  type BenchSnapshot,
  createSandbox,
  loadSnapshot,
  warmSnapshot,
} from '../contestants/hyperlight.js';
import type { Guest } from '../guests.js';
import { type Cell, check } from './cell.js';

export const CLONE_NAMES = {
  new: 'clone/new-vm/quickjs',
  same: 'clone/recycled/same-snapshot/quickjs',
  other: 'clone/recycled/other-snapshot/quickjs',
  otherComponent: 'clone/recycled/other-component/quickjs',
  loaded: 'clone/loaded/quickjs',
} as const;

/** Nothing is closed before the end, so that there is no VM to recycle. */
export async function cloneInNewVm(guest: Guest): Promise<Cell> {
  const snapshot = await warmSnapshot(guest);
  return cloneCell(CLONE_NAMES.new, async () => snapshot);
}

/** The one VM that there is to recycle ran from the same snapshot before. */
export async function cloneInSame(guest: Guest): Promise<Cell> {
  const snapshot = await warmSnapshot(guest);
  return cloneCell(CLONE_NAMES.same, () => afterUse(snapshot));
}

/** The one VM that there is to recycle ran from another snapshot before. */
export async function cloneInOther(name: string, guest: Guest, otherGuest: Guest): Promise<Cell> {
  const snapshot = await warmSnapshot(guest);
  const other = await warmSnapshot(otherGuest);
  return cloneCell(name, async () => {
    await afterUse(other);
    return snapshot;
  });
}

/** For a process that has done nothing before. */
export function cloneLoaded(path: string): Cell {
  return cloneCell(CLONE_NAMES.loaded, undefined, () => loadSnapshot(path));
}

async function afterUse(snapshot: BenchSnapshot): Promise<BenchSnapshot> {
  const sandbox = await createSandbox({ snapshot });
  check('a clone', await sandbox.exports.hello('first'), 'Hello, first!');
  await sandbox.close();
  return snapshot;
}

/** `prepare` is not timed, `load` is. Clones stay open until the process ends. */
function cloneCell(
  name: string,
  prepare?: () => Promise<BenchSnapshot>,
  load?: () => Promise<BenchSnapshot>,
): Cell {
  const open: BenchSandbox[] = [];
  return {
    name,
    unit: 'us',
    samples: 100,
    warmUps: load ? 0 : 2,
    async sample(turn) {
      const prepared = await prepare?.();
      const started = performance.now();
      const sandbox = await createSandbox({ snapshot: prepared ?? (await load!()) });
      const answer = await sandbox.exports.hello(`caller ${turn}`);
      const micros = (performance.now() - started) * 1000;
      check(name, answer, `Hello, caller ${turn}!`);
      open.push(sandbox);
      return micros;
    },
  };
}
