// Owns the ten sandboxes that one turn makes and closes, each kind in its own way.
import { join } from 'node:path';
import { Pool, Sandbox, Snapshot } from '@hl/host';
import type { Cast, Name } from './cast.js';
import type { Counts } from './counts.js';

export const CYCLES = 10;

/** What is dear is done in one of so many turns. */
const SELDOM = 5;

/** `keep` is given each sandbox instead of closing it, where the soak is to leak. */
export async function makeAndClose(
  cast: Cast,
  counts: Counts,
  turn: number,
  keep?: (sandbox: Sandbox) => boolean,
): Promise<void> {
  const close = async (sandbox: Sandbox): Promise<void> => {
    if (keep?.(sandbox) !== true) await sandbox.close();
    counts.cycles++;
  };
  const { counter, conformance } = cast.snapshots;
  for (let time = 0; time < 4; time++) {
    const sandbox = await Sandbox.create({ snapshot: counter });
    await counts.call(sandbox.exports.next(), 1);
    await close(sandbox);
  }
  // Two at once, one of them of another component.
  const [first, second] = await Promise.all([
    Sandbox.create({ snapshot: counter, reset: 'memory' }),
    Sandbox.create({ snapshot: conformance, ...cast.options.conformance }),
  ]);
  await counts.call(second.exports.run.hello('you'), 'Hello, you!');
  await Promise.all([close(first), close(second)]);
  const [fork] = await cast.counter.fork(1);
  await counts.call(fork!.exports.next(), 1);
  await close(fork!);
  await close(await afresh(cast, counts, turn));
  await close(await goneOn(cast, counts, turn));
  await close(await cutOff(cast, counts));
  if (turn % SELDOM === 0) await poolOf(cast, counts);
}

/** Booted: from a component, not from a snapshot. */
async function afresh({ components, options }: Cast, counts: Counts, turn: number): Promise<Sandbox> {
  const names: readonly Name[] = ['traps', 'handles', 'program', 'counter'];
  const name = names[turn % names.length]!;
  const warmup = name === 'counter' ? { warmup: (context: Context) => context.exports.next() } : {};
  const sandbox = await Sandbox.create({ component: components[name], ...options[name], ...warmup });
  if (name === 'counter') await counts.call(sandbox.exports.next(), 2);
  return sandbox;
}

interface Context {
  // biome-ignore lint/suspicious/noExplicitAny: exports of an untyped sandbox are any, by contract
  readonly exports: any;
}

/** From the state of a context, in some turns by way of a file. */
async function goneOn({ counter, folder }: Cast, counts: Counts, turn: number): Promise<Sandbox> {
  const context = await counter.context();
  await counts.call(context.exports.next(), 1);
  let snapshot = await context.snapshot();
  await context.finish();
  counts.contexts++;
  counts.snapshots++;
  if (turn % SELDOM === 0) {
    const path = join(folder, 'state.hlsnap');
    await snapshot.save(path);
    snapshot = await Snapshot.load(path);
  }
  const sandbox = await Sandbox.create({ snapshot });
  await counts.call(sandbox.exports.next(), 2);
  return sandbox;
}

/** Closed in the middle of a call. */
async function cutOff({ components }: Cast, counts: Counts): Promise<Sandbox> {
  const sandbox = await Sandbox.create({ component: components.traps });
  const spinning = counts.failure(sandbox.exports.spin(), 'ERR_HL_CLOSED');
  await new Promise(setImmediate);
  await sandbox.close();
  await spinning;
  return sandbox;
}

async function poolOf({ snapshots, options }: Cast, counts: Counts): Promise<void> {
  const pool = await Pool.create({ snapshot: snapshots.conformance, ...options.conformance, size: 2 });
  const both = ['one', 'two'].map((name) => counts.call(pool.exports.run.hello(name), `Hello, ${name}!`));
  await Promise.all(both);
  await pool.close();
  counts.pools++;
}
