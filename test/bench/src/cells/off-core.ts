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
const LOOP_MS = 50;
const PATIENCE_MS = 1_000;
/** Where others have the cores, the guest may not have begun when it has to end. */
const ATTEMPTS_MAX = 20;

export function offCoreCells(guest: Guest): Cell[] {
  return BY.map((by) => ({
    name: offCoreName(by),
    unit: 'us',
    samples: 50,
    warmUps: 2,
    async sample() {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const micros = await sample(by, guest);
        if (micros !== undefined) return micros;
      }
      throw new Error(`${offCoreName(by)}: no guest was seen in its loop in ${ATTEMPTS_MAX} attempts`);
    },
  }));
}

/**
 * From the moment at which the limit was reached until the thread neither runs nor wants to; undefined where the guest
 * was not seen in its loop before.
 */
async function sample(by: By, { path }: Guest): Promise<number | undefined> {
  const sandbox = await createSandbox({ component: path });
  const stop = new AbortController();
  const options = by === 'deadline' ? { timeoutMs: LOOP_MS } : { signal: stop.signal };
  const limit = performance.now() + LOOP_MS;
  const looping = sandbox
    .with(options)
    .exports.spin()
    .catch(() => undefined);
  const thread = await looper(limit);
  while (performance.now() < limit);
  // What these two take on this side is part of it.
  if (by === 'signal') stop.abort();
  const closing = by === 'close' ? sandbox.close() : undefined;
  while (thread !== undefined && isOnCore(thread)) {
    if (performance.now() > limit + PATIENCE_MS) throw new Error(`${offCoreName(by)}: the guest still runs`);
  }
  const micros = (performance.now() - limit) * 1_000;
  await looping;
  await (closing ?? sandbox.close());
  return thread === undefined ? undefined : micros;
}

/** The thread whose guest is in its loop, seen halfway to the limit: all others of ours sleep. */
async function looper(limit: number): Promise<string | undefined> {
  while (performance.now() < limit - LOOP_MS / 2) await new Promise(setImmediate);
  const running = threads().filter(isOnCore);
  return running.length === 1 ? running[0] : undefined;
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
