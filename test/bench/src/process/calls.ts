// Owns which calls are measured: of each contestant with each build of the guest, and further ones of ours.
import { contextCells, echoCells, freshCells, helloCell, hostCallCell, renewed } from '../cells/calls.js';
import { firstAnswer, LOAD_NAME, loadCached, RESET_NAMES, resetCells, stop } from '../cells/lifecycle.js';
import {
  type CallState,
  callName,
  ECHO_BYTES,
  echoName,
  firstAnswerName,
  hostCallName,
  stopName,
} from '../cells/names.js';
import { OFF_CORE_NAMES, offCoreCells } from '../cells/off-core.js';
import { PACED_NAMES, pacedCells } from '../cells/paced.js';
import type { Contestant } from '../contestants/contestant.js';
import { createWarmed, HyperlightSubject, renewalsOf } from '../contestants/hyperlight.js';
import type { Engine, Guest } from '../guests.js';
import type { Planner } from './planner.js';

export async function planCalls(planner: Planner, contestant: Contestant, guest: Guest): Promise<void> {
  const { prefix, cannot } = contestant;
  const { engine } = guest;
  const start = () => contestant.start(guest);
  await planner.add([...names(prefix, 'fresh', engine), ...names(prefix, 'context', engine)], async () => {
    const subject = await start();
    return [...freshCells(prefix, subject), ...contextCells(prefix, subject)];
  });
  for (const byteCount of echoBytes(engine)) {
    const both = [
      echoName(prefix, 'fresh', engine, byteCount),
      echoName(prefix, 'context', engine, byteCount),
    ];
    await planner.add(both, async () => echoCells(prefix, await start(), byteCount));
  }
  await planner.add([firstAnswerName(prefix, engine)], async () => [firstAnswer(contestant, guest)]);
  if (cannot.hostCalls !== undefined) planner.leaveOut([hostCallName(prefix, engine)], cannot.hostCalls);
  else await planner.add([hostCallName(prefix, engine)], async () => [hostCallCell(prefix, await start())]);
  if (cannot.stop !== undefined) planner.leaveOut([stopName(prefix, engine)], cannot.stop);
  else await planner.add([stopName(prefix, engine)], async () => [stop(contestant, guest)]);
}

function names(prefix: string, state: CallState, engine: Engine): string[] {
  return ['noop', 'hello'].map((what) => callName(prefix, state, engine, what));
}

/** StarlingMonkey says nothing about bytes that QuickJS does not say, and takes far longer for it. */
function echoBytes(engine: Engine): readonly number[] {
  return engine === 'starlingmonkey' ? [] : ECHO_BYTES;
}

export async function planOurCalls(planner: Planner, guest: Guest): Promise<void> {
  const { engine } = guest;
  await planner.add(names('', 'fresh-memory', engine), async () =>
    freshCells('', await HyperlightSubject.start(guest, 'memory'), 'fresh-memory'),
  );
  const warmed = callName('', 'fresh-warmed', engine, 'hello');
  await planner.add([warmed], async () => {
    const sandbox = await createWarmed(guest);
    return [renewed(helloCell(warmed, sandbox.exports), { renewals: () => renewalsOf(sandbox) })];
  });
  if (engine !== 'quickjs') return;
  await planner.add(PACED_NAMES, async () => pacedCells(await HyperlightSubject.start(guest)));
  await planner.add(RESET_NAMES, async () => resetCells(await HyperlightSubject.start(guest)));
  await planner.add([...OFF_CORE_NAMES], async () => offCoreCells(guest));
  await planner.add([LOAD_NAME], async () => [loadCached(guest)]);
}
