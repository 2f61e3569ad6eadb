// Owns which cells a process measures, for each part of the benchmark.
import { CLONE_NAMES, cloneInNewVm, cloneInOther, cloneInSame, cloneLoaded } from '../cells/clones.js';
import { ALIVE_NAME, aliveCell, memoryCells, memoryNames } from '../cells/many.js';
import { allCoresName } from '../cells/names.js';
import { serverOf, throughputCell } from '../cells/throughput.js';
import type { Contestant } from '../contestants/contestant.js';
import {
  createPool,
  HyperlightSubject,
  hyperlight,
  renewalsOf,
  warmSnapshot,
} from '../contestants/hyperlight.js';
import { CORES } from '../contestants/list.js';
import type { Guest } from '../guests.js';
import { planCalls, planOurCalls } from './calls.js';
import type { Job } from './job.js';
import { enterMemoryGroup } from './memory-group.js';
import type { Planner } from './planner.js';

export async function plan(planner: Planner, contestant: Contestant, job: Job): Promise<void> {
  const [guest] = job.guests as [Guest];
  const { prefix } = contestant;
  switch (job.part) {
    case 'calls':
      for (const each of job.guests) {
        await planCalls(planner, contestant, each);
        if (prefix === '') await planOurCalls(planner, each);
      }
      return;
    case 'one-core': {
      const name = allCoresName(prefix, 'processes', guest.engine);
      return planner.add([name], async () => [
        throughputCell(name, [serverOf(await contestant.start(guest), 1)]),
      ]);
    }
    case 'all-cores':
      return planAllCores(planner, guest);
    case 'memory':
      return planner.add(memoryNames(prefix, guest), async () =>
        memoryCells(contestant, guest, enterMemoryGroup()),
      );
    case 'alive':
      return planner.add([ALIVE_NAME], async () => [aliveCell(hyperlight, guest)]);
    default:
      return planClones(planner, job);
  }
}

/** Callers for each sandbox: while one reads its answer, the next one's call is under way. */
const CALLERS = 2;

/** Ours in one process: a sandbox for each core, and a pool of as many. */
async function planAllCores(planner: Planner, guest: Guest): Promise<void> {
  const sandboxes = allCoresName('', 'sandboxes', guest.engine);
  await planner.add([sandboxes], async () => {
    const subjects = await Promise.all(Array.from({ length: CORES }, () => HyperlightSubject.start(guest)));
    return [
      throughputCell(
        sandboxes,
        subjects.map((subject) => serverOf(subject, CALLERS)),
      ),
    ];
  });
  const pool = allCoresName('', 'pool', guest.engine);
  await planner.add([pool], async () => {
    const created = await createPool(guest, CORES);
    const server = {
      callers: CORES * CALLERS,
      hello: (name: string) => created.exports.hello(name),
      renewals: () => renewalsOf(created),
    };
    return [throughputCell(pool, [server])];
  });
}

async function planClones(planner: Planner, { part, guests, file }: Job): Promise<void> {
  const [guest, otherGuest] = guests as [Guest, Guest];
  switch (part) {
    case 'clone-new':
      return planner.add([CLONE_NAMES.new], async () => [await cloneInNewVm(guest)]);
    case 'clone-same':
      return planner.add([CLONE_NAMES.same], async () => [await cloneInSame(guest)]);
    case 'clone-other':
      return planner.add([CLONE_NAMES.other], async () => [
        await cloneInOther(CLONE_NAMES.other, guest, guest),
      ]);
    case 'clone-other-component':
      return planner.add([CLONE_NAMES.otherComponent], async () => [
        await cloneInOther(CLONE_NAMES.otherComponent, guest, otherGuest),
      ]);
    case 'save':
      return (await warmSnapshot(guest)).save(file!);
    case 'clone-loaded':
      return planner.add([CLONE_NAMES.loaded], async () => [cloneLoaded(file!)]);
    default:
      throw new TypeError(`there is no part "${part}"`);
  }
}
