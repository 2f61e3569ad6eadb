// Owns the calls of one turn that end before they answer: by the clock, by a signal, by a trap.
import { Sandbox } from '@hl/host';
import { type Cast, NEVER } from './cast.js';
import type { Counts } from './counts.js';

type End = (cast: Cast, counts: Counts) => Promise<void>;

const TIMEOUT_MS = 3;

const TIMEOUTS: readonly End[] = [
  ({ traps }, counts) =>
    counts.failure(traps.with({ timeoutMs: TIMEOUT_MS }).exports.spin(), 'ERR_HL_TIMEOUT'),
  ({ brief }, counts) => counts.failure(brief.exports.spin(), 'ERR_HL_TIMEOUT'),
  ({ conformance }, counts) => {
    const { run } = conformance.with({ timeoutMs: TIMEOUT_MS }).exports;
    return counts.failure(run.hostTransform(NEVER), 'ERR_HL_TIMEOUT');
  },
  async ({ conformanceMemory }, counts) => {
    const context = await conformanceMemory.context();
    await counts.failure(context.with({ timeoutMs: TIMEOUT_MS }).exports.run.spin(), 'ERR_HL_TIMEOUT');
    await context.finish();
  },
];

/** Aborted once the call is under way. */
async function aborted(counts: Counts, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const ended = counts.failure(call(stop.signal), 'ERR_HL_ABORT');
  await new Promise(setImmediate);
  stop.abort();
  await ended;
}

const CANCELS: readonly End[] = [
  ({ traps }, counts) => aborted(counts, (signal) => traps.with({ signal }).exports.spin()),
  ({ conformance }, counts) =>
    aborted(counts, (signal) => conformance.with({ signal }).exports.run.hostTransform(NEVER)),
  async ({ conformanceMemory }, counts) => {
    const context = await conformanceMemory.context();
    await aborted(counts, (signal) => context.with({ signal }).exports.run.spin());
    await context.finish();
  },
  // While it waits for its turn.
  async ({ conformance }, counts) => {
    const before = counts.failure(
      conformance.with({ timeoutMs: 2 * TIMEOUT_MS }).exports.run.hostTransform(NEVER),
      'ERR_HL_TIMEOUT',
    );
    await aborted(counts, (signal) => conformance.with({ signal }).exports.run.hello('late'));
    await before;
    counts.timeouts++;
  },
];

const TRAPS: readonly End[] = [
  ({ traps }, counts) => counts.failure(traps.exports.unreachable(), 'ERR_HL_TRAP'),
  ({ traps }, counts) => counts.failure(traps.exports.load(70_000), 'ERR_HL_TRAP'),
  ({ traps }, counts) => counts.failure(traps.exports.stackOverflow(0), 'ERR_HL_TRAP'),
  ({ traps }, counts) => counts.failure(traps.exports.divideByZero(1), 'ERR_HL_TRAP'),
  ({ conformance }, counts) => counts.failure(conformance.exports.run.panic('on purpose'), 'ERR_HL_TRAP'),
  async ({ handles }, counts) => {
    // With an object of the host's in its hands.
    const context = await handles.context();
    await counts.failure(context.exports.users.failWithKept(), 'ERR_HL_TRAP');
    await context.finish();
  },
  async (cast, counts) => {
    // With files open.
    await counts.failure(cast.programs.holder.exports['wasi:cli/run'].run(), 'ERR_HL_TRAP');
    counts.programs++;
    cast.takeOutput();
  },
];

/** While it is made; it may have been quicker. */
async function cancelCreation({ components }: Cast): Promise<void> {
  const stop = new AbortController();
  const made = Sandbox.create({ component: components.traps, signal: stop.signal }).then(
    (sandbox) => sandbox.close(),
    (error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    },
  );
  await new Promise(setImmediate);
  stop.abort();
  await made;
}

/** One of each kind of end. */
export async function endCalls(cast: Cast, counts: Counts, turn: number): Promise<void> {
  await TIMEOUTS[turn % TIMEOUTS.length]!(cast, counts);
  counts.timeouts++;
  await CANCELS[turn % CANCELS.length]!(cast, counts);
  counts.cancels++;
  if (turn % CANCELS.length === 0) await cancelCreation(cast);
  await TRAPS[turn % TRAPS.length]!(cast, counts);
  counts.traps++;
}
