// Owns the cells about how long a guest keeps its core after it should have left it, seen from outside: by the kernel's
// word on its thread.
import { readdirSync, readFileSync } from 'node:fs';
import { createSandbox } from '../contestants/hyperlight.js';
import type { Guest } from '../guests.js';
import type { Cell } from './cell.js';

const BY = ['signal', 'deadline', 'close'] as const;

type By = (typeof BY)[number];

const offCoreName = (by: By): string => `off-core/${by}`;

export const OFF_CORE_NAMES: readonly string[] = BY.map(offCoreName);

/** Long enough for the guest to be in its loop. */
const LOOP_MS = 20;
const PATIENCE_MS = 1_000;

export function offCoreCells(guest: Guest): Cell[] {
  return BY.map((by) => ({
    name: offCoreName(by),
    unit: 'us',
    samples: 50,
    warmUps: 2,
    sample: () => sample(by, guest),
  }));
}

/** From the moment at which the limit was reached until the thread neither runs nor wants to. */
async function sample(by: By, { path }: Guest): Promise<number> {
  const sandbox = await createSandbox({ component: path });
  const stop = new AbortController();
  const options = by === 'deadline' ? { timeoutMs: LOOP_MS } : { signal: stop.signal };
  const limit = performance.now() + LOOP_MS;
  const looping = sandbox
    .with(options)
    .exports.spin()
    .catch(() => undefined);
  const thread = await looper();
  while (performance.now() < limit);
  // What these two take on this side is part of it.
  if (by === 'signal') stop.abort();
  const closing = by === 'close' ? sandbox.close() : undefined;
  while (isOnCore(thread)) {
    if (performance.now() > limit + PATIENCE_MS) throw new Error(`${offCoreName(by)}: the guest still runs`);
  }
  const micros = (performance.now() - limit) * 1_000;
  await looping;
  await (closing ?? sandbox.close());
  return micros;
}

/** The thread whose guest is in its loop: all others of ours sleep. */
async function looper(): Promise<string> {
  const end = performance.now() + LOOP_MS / 2;
  while (performance.now() < end) await new Promise(setImmediate);
  const running = threads().filter(isOnCore);
  if (running.length !== 1) throw new Error(`${running.length} guests run, where one should`);
  return running[0]!;
}

const TASKS = '/proc/self/task';

function threads(): string[] {
  return readdirSync(TASKS).filter((id) => {
    try {
      return readFileSync(`${TASKS}/${id}/comm`, 'utf8') === 'hl-sandbox\n';
    } catch {
      // It ended since.
      return false;
    }
  });
}

function isOnCore(thread: string): boolean {
  try {
    return / R /.test(readFileSync(`${TASKS}/${thread}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
