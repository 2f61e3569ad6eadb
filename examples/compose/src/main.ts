// The host program: one component made of two, a tree of sandboxes that survives its worst member, and a plug-in that may
// have children.
import assert from 'node:assert/strict';
import { Component, HypervisorUnavailableError, MiB, Sandbox, TrapError, WitError } from '@hl/host';
import { inRust, inTypeScript } from './components.js';
import { Family } from './family.js';
import { composed } from './gen/composed.js';
import { createTree } from './tree.js';
import { createDesk } from './volumes.js';

const GOOD = 'tea,2.50\nsails,1200';
/** What the parser does not come back from. */
const WITHOUT_DIGITS = 'tea,';
const OPEN_QUOTE = '"tea,2.50';

const FAMILY = { memoryBytes: MiB(256), sandboxes: 16, generations: 3 };
const FIRST = { memoryBytes: MiB(32), timeoutMs: 5_000 };

async function main(): Promise<void> {
  await composedByWac();
  await wiredByTheHost();
  await wiredWithResources();
  await withChildren();
}

async function composedByWac(): Promise<void> {
  await using sandbox = await Sandbox.create({
    world: composed,
    component: inRust('composed'),
    imports: { 'acme:report/money': { show: (cents) => `${cents} cents` } },
  });
  const { report } = sandbox.exports;
  assert.equal(await report.render(GOOD), 'report 1: 2 rows, 120250 cents in all');
  await assert.rejects(report.render('tea'), /report 1: line 1 is no row: tea/);
  console.log('composed: parser and reporter are one component, in one sandbox');

  const context = await sandbox.context();
  await context.exports.report.render(GOOD);
  await assert.rejects(context.exports.report.render(WITHOUT_DIGITS), TrapError);
  await assert.rejects(context.exports.report.render(GOOD));
  await context.finish();
  console.log('composed: when the parser traps, the reporter is gone with it');
}

async function wiredByTheHost(): Promise<void> {
  const tree = await createTree();
  try {
    const context = await tree.reporter.context();
    const { report } = context.exports;
    assert.equal(await report.render(GOOD), 'report 1: 2 rows, 1,202.50 in all');
    console.log('wired: three components in two languages, each in a sandbox of its own');
    await assert.rejects(
      report.render(WITHOUT_DIGITS),
      isReport('report 2: the parser failed with ERR_HL_TRAP'),
    );
    console.log('wired: the parser traps, the reporter says so');
    await assert.rejects(
      report.render(OPEN_QUOTE),
      isReport('report 3: the parser failed with ERR_HL_TIMEOUT'),
    );
    console.log('wired: the parser loops for ever, the reporter says so after 200 ms');
    assert.equal(await report.render(GOOD), 'report 4: 2 rows, 1,202.50 in all');
    console.log('wired: the reporter still knows that this is its fourth report');
    await context.finish();
  } finally {
    await tree.close();
  }
}

const isReport = (text: string) => (error: unknown) => error instanceof WitError && error.payload === text;

async function wiredWithResources(): Promise<void> {
  const { archive, writer, close } = await createDesk();
  try {
    const open = () => archive.exports.archive.open();
    assert.equal(await writer.exports.minutes.take('Monday', ['tea', 'sails']), 'Monday\ntea\nsails');
    assert.equal(await open(), 0);
    console.log('resources: the writer wrote into a volume that lives in another sandbox, and let go of it');
    const context = await writer.context();
    await context.exports.minutes.hold('Tuesday');
    assert.equal(await open(), 1);
    await assert.rejects(context.exports.minutes.fail(), TrapError);
    assert.equal(await open(), 0);
    console.log('resources: when the writer traps, what it held is let go');
    await context.finish();
  } finally {
    await close();
  }
}

async function withChildren(): Promise<void> {
  const component = await Component.load(inTypeScript('worker'));
  const family = () => new Family(component, FAMILY);

  const counting = family();
  assert.equal(
    await counting.run('count:the wind was in the north that day and the sea was high', FIRST),
    '13',
  );
  console.log(`children: ${counting.made.length} sandboxes have counted 13 words`);
  assert.equal(await family().run('descend', FIRST), '3 too-deep');
  console.log('children: three generations, and no fourth');
  assert.equal(await family().run('breed', FIRST), '15 too-many');
  console.log('children: sixteen sandboxes, and no seventeenth');
  assert.equal(await family().run('descend', { ...FIRST, memoryBytes: MiB(128) }), '1 no-memory');
  console.log('children: two of 128 MiB at a time, and no third');
  const greedy = family();
  assert.equal(await greedy.run('ask:hoard', FIRST), 'no answer: ERR_HL_TRAP');
  assert.ok(greedy.made.every(({ memoryBytes }) => memoryBytes === FIRST.memoryBytes));
  console.log('children: who asks for a terabyte gets what the parent has, and traps when that is full');
  const endless = family();
  assert.equal(await endless.run('ask:forever', { ...FIRST, timeoutMs: 1_000 }), 'no answer: ERR_HL_TIMEOUT');
  console.log('children: a child that never ends is stopped before its parent has to be');
}

main().catch((error: unknown) => {
  // The one failure that is no mistake of this program's; its message says what would help.
  if (!(error instanceof HypervisorUnavailableError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
