// Owns a control group for this process alone, which counts its memory and what the kernel holds for it.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryGroup {
  usedKiB(): number;
  /** Back to where it came from; the group is gone then. */
  leave(): void;
}

/** Moves this process into a group below its own. Throws where that may not be done here. */
export function enterMemoryGroup(): MemoryGroup {
  const { folder, used } = version();
  const group = join(folder, groupName(process.pid));
  mkdirSync(group);
  writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  const file = join(group, used);
  const usedKiB = () => Number(readFileSync(file, 'utf8')) / 1024;
  usedKiB();
  return { usedKiB, leave: () => leave(folder, group) };
}

function leave(folder: string, group: string): void {
  writeFileSync(join(folder, 'cgroup.procs'), String(process.pid));
  rmdirSync(group);
}

/** Once that process has ended. A group that is not there, or still in use, is left to the machine. */
export function removeMemoryGroup(pid: number): void {
  try {
    rmdirSync(join(version().folder, groupName(pid)));
  } catch {
    return;
  }
}

function groupName(pid: number): string {
  return `hl-bench-${pid}`;
}

/** Version 1 has a tree for memory alone; in version 2 there is one tree. */
function version(): { folder: string; used: string } {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  const old = lines.find((line) => line.split(':')[1] === 'memory');
  const path = (old ?? lines[0]!).split(':').slice(2).join(':');
  return old === undefined
    ? { folder: join('/sys/fs/cgroup', path), used: 'memory.current' }
    : { folder: join('/sys/fs/cgroup/memory', path), used: 'memory.usage_in_bytes' };
}
