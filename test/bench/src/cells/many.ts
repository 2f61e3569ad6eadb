// Owns the cells about many sandboxes in one process: what each further one takes, and whether all of them answer.
import { readFileSync } from 'node:fs';
import type { Contestant, Instance } from '../contestants/contestant.js';
import type { Guest } from '../guests.js';
import type { MemoryGroup } from '../process/memory-group.js';
import { type Cell, check, timed } from './cell.js';
import { memoryName } from './names.js';

/** What the first ones take is the process's own: code, compiled modules, heaps that grow in steps. */
const SANDBOXES_BEFORE = 5;
const SANDBOXES = 50;

export function memoryNames(prefix: string, { engine }: Guest): string[] {
  return [memoryName(prefix, 'rss', engine), memoryName(prefix, 'total', engine)];
}

/** KiB for each further sandbox that has answered once. For a process of its own, once. */
export function memoryCells(contestant: Contestant, guest: Guest, group: MemoryGroup): Cell[] {
  let measured: Promise<{ rss: number; total: number }> | undefined;
  const measure = () => {
    measured ??= grow(contestant, guest, group);
    return measured;
  };
  const [rss, total] = memoryNames(contestant.prefix, guest) as [string, string];
  const shape = { unit: 'KiB', samples: 3, warmUps: 0 } as const;
  return [
    { ...shape, name: rss, sample: async () => (await measure()).rss },
    { ...shape, name: total, sample: async () => (await measure()).total },
  ];
}

async function grow(
  contestant: Contestant,
  guest: Guest,
  group: MemoryGroup,
): Promise<{ rss: number; total: number }> {
  const open: Instance[] = [];
  const openUntil = async (count: number) => {
    while (open.length < count) open.push(await answered(contestant, guest, open.length));
    return { rss: residentKiB(open), total: group.usedKiB() };
  };
  const before = await openUntil(SANDBOXES_BEFORE);
  const after = await openUntil(SANDBOXES_BEFORE + SANDBOXES);
  for (const instance of open) await instance.close();
  return { rss: (after.rss - before.rss) / SANDBOXES, total: (after.total - before.total) / SANDBOXES };
}

async function answered(contestant: Contestant, guest: Guest, turn: number): Promise<Instance> {
  const instance = await contestant.create(guest);
  const answer = await instance.exports.hello(`caller ${turn}`);
  check(`sandbox ${turn}`, answer, `Hello, caller ${turn}!`);
  return instance;
}

/** Of this process, and of those that sandboxes are. */
function residentKiB(instances: readonly Instance[]): number {
  const pids = [process.pid, ...instances.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))];
  return pids.reduce((sum, pid) => sum + residentKiBOf(pid), 0);
}

function residentKiBOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`process ${pid} has no VmRSS`);
  return Number(found[1]);
}

const ALIVE = 500;
export const ALIVE_NAME = `alive/${ALIVE}/quickjs`;

/** All of them answer at once; the sample is the time for all. For a process of its own, once. */
export function aliveCell(contestant: Contestant, guest: Guest): Cell {
  return {
    name: ALIVE_NAME,
    unit: 'us',
    samples: 1,
    warmUps: 0,
    async sample() {
      const open: Instance[] = [];
      while (open.length < ALIVE) open.push(await answered(contestant, guest, open.length));
      const { answer, micros } = await timed(() =>
        Promise.all(open.map(({ exports }, index) => exports.hello(`caller ${index}`))),
      );
      for (const [index, text] of answer.entries()) check(ALIVE_NAME, text, `Hello, caller ${index}!`);
      for (const instance of open) await instance.close();
      return micros;
    },
  };
}
