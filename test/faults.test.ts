// Owns the fault table: what a guest tries that broke out of WebAssembly, one row for each attempt. After each row the
// host is well, sandboxes beside it have noticed nothing, and the attacked one answers as it did first.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { control } from './faults/control.js';
import { attackOf, Ground, hostileAddon, shipped } from './faults/ground.js';
import { hostCalls } from './faults/host-calls.js';
import { instructions, names } from './faults/instructions.js';
import { loading } from './faults/loading.js';
import { mailbox } from './faults/mailbox.js';
import { memory } from './faults/memory.js';
import { ports } from './faults/ports.js';
import { racing } from './faults/racing.js';
import { afterwardsOf, allowed, outcomeOf, type Row } from './faults/rows.js';
import { secrets } from './faults/secrets.js';
import { values } from './faults/values.js';
import { describeWithKvm } from './support/kvm.js';

const TABLE: Record<string, readonly Row[]> = {
  instructions,
  ports,
  memory,
  control,
  mailbox,
  'host calls': hostCalls,
  values,
  loading,
  racing,
  secrets,
};
const ROWS_MIN = 120;
/** Tens of thousands of faults take ten seconds, and more where others work as well. */
const PATIENCE_MS = 300_000;

test(`the table has at least ${ROWS_MIN} rows, each with a name of its own`, () => {
  const all = Object.entries(TABLE).flatMap(([part, rows]) => rows.map(({ name }) => `${part}: ${name}`));
  console.log(`${all.length} rows`);
  expect(all.length).toBeGreaterThanOrEqual(ROWS_MIN);
  expect(new Set(all).size).toBe(all.length);
});

test('the hostile guest is in no add-on that is shipped', () => {
  interface Described {
    describe(): { runtimeSha256: string };
  }
  const require = createRequire(import.meta.url);
  const sha256 = (guest: string): string => {
    const path = new URL(`../target/guest/x86_64-unknown-none/release/${guest}`, import.meta.url);
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  };
  const { addon } = shipped();
  expect((require(addon) as Described).describe().runtimeSha256).toBe(sha256('hl-runtime'));
  expect((require(hostileAddon) as Described).describe().runtimeSha256).toBe(sha256('hl-hostile'));
  // What its table of instructions says of one of them.
  const trace = 'syscall that asks for nothing else';
  expect(readFileSync(hostileAddon).includes(trace)).toBe(true);
  expect(readFileSync(addon).includes(trace)).toBe(false);
});

describeWithKvm('a guest that broke out of WebAssembly', () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.make();
  });

  afterAll(() => ground.close());

  test('every instruction that the guest knows has a row', async () => {
    const known = (await ground.attack('Instructions')).more.toString().trim().split('\n');
    expect(names().toSorted()).toEqual(known.toSorted());
  });

  for (const [part, rows] of Object.entries(TABLE)) {
    describe(part, () => {
      for (const row of rows) test(row.name, () => check(ground, row), PATIENCE_MS);
    });
  }
});

async function check(ground: Ground, row: Row): Promise<void> {
  // Whatever the row before has left, if it failed.
  await ground.attack('Ping');
  const before = statsOf(ground);
  ground.functions.calls.length = 0;
  const outcome = await outcomeOf(row.attempt(ground));
  expect(
    allowed(row.expected),
    JSON.stringify(outcome, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  ).toContainEqual(outcome);
  await checkWellBeing(ground);
  const after = statsOf(ground);
  expect(after.neighbour, 'VMs of the neighbour').toBe(before.neighbour);
  expect(after.honest, 'VMs of the honest sandbox').toBe(before.honest);
  const replaced = after.attacked - before.attacked;
  const afterwards = afterwardsOf(row, outcome);
  if (afterwards !== 'either') expect(replaced > 0 ? 'replaced' : 'put back').toBe(afterwards);
}

/** Every sandbox answers as in its first call. */
async function checkWellBeing({ attacked, neighbour, honest }: Ground): Promise<void> {
  for (const sandbox of [attacked, neighbour]) {
    const ping = await attackOf(sandbox.exports, 'Ping');
    expect({ trapped: ping.trapped, pings: ping.value }).toEqual({ trapped: false, pings: 1n });
  }
  expect(await honest.exports.next()).toBe(1);
}

/** How many VMs each has used up. */
function statsOf({
  attacked,
  neighbour,
  honest,
}: Ground): Record<'attacked' | 'neighbour' | 'honest', number> {
  return {
    attacked: attacked.stats.replacements,
    neighbour: neighbour.stats.replacements,
    honest: honest.stats.replacements,
  };
}
