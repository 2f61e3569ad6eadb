// The benchmark: builds its guests, measures floors and cells in turns, and says what came out.
import { doctor } from '@hl/host';
import { type Options, parseOptions, USAGE } from './arguments.js';
import { prepareBuilds } from './contestants/builds.js';
import { installContestants } from './contestants/installed.js';
import { OURS, others } from './contestants/list.js';
import { FloorProgram } from './floors.js';
import { prepareComponents } from './guests.js';
import { measure } from './harness.js';
import { comparisonTables } from './report/comparison.js';
import { writePage, writeResults } from './report/files.js';
import { makeReport, type Report } from './report/report.js';
import { asText } from './report/table.js';
import { floorsTable, resultsTable, targetsTable } from './report/tables.js';
import { RunPlan } from './run-plan.js';

const ROUNDS = { whole: 10, quick: 2 };
const SHARE = { whole: 1, quick: 0.1 };
const BATCH_MS = { whole: 120, quick: 25 };

const args = process.argv.slice(2);
process.exitCode = await main().catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
});

async function main(): Promise<number> {
  const options = parse();
  if (typeof options === 'number') return options;
  const health = await doctor();
  if (!health.ok) {
    const causes = health.checks.filter(({ ok }) => !ok);
    throw new Error(
      `micro-VMs cannot run here:\n${causes.map((check) => `  ${JSON.stringify(check)}`).join('\n')}`,
    );
  }

  const report = await run(options);
  writeResults(report);
  if (options.write) writePage(report);
  if (options.json) console.log(JSON.stringify(report));
  else print(report);
  for (const { name, error } of report.failed) console.error(`failed: ${name}: ${error}`);
  return report.failed.length === 0 ? 0 : 1;
}

function parse(): Options | number {
  try {
    const options = parseOptions(args);
    if (options !== 'help') return options;
    console.log(USAGE);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

async function run({ quick, only, ours }: Options): Promise<Report> {
  const size = quick ? 'quick' : 'whole';
  if (!ours) await install();
  progress('building floors and guests');
  const floors = await FloorProgram.prepare();
  const builds = await prepareBuilds(await prepareComponents());
  const plan = new RunPlan(builds, only);
  try {
    for (const entry of ours ? [OURS] : [OURS, ...others()]) {
      progress(`starting ${entry.label}`);
      await plan.add(entry);
    }
    const outcome = await measure(plan.cells(), {
      rounds: ROUNDS[size],
      share: SHARE[size],
      batchMs: BATCH_MS[size],
      betweenRounds: () => floors.measure(SHARE[size] / ROUNDS[size]),
      onProgress: progress,
    });
    return makeReport(outcome, floors.floors(), plan.unavailable(), args);
  } finally {
    await plan.close();
  }
}

/** What cannot be installed is missing in the tables, with its reason. */
async function install(): Promise<void> {
  const failure = await installContestants(progress);
  if (failure !== undefined) progress(`not all contestants could be installed: ${failure}`);
}

function progress(text: string): void {
  console.error(`bench: ${text}`);
}

function print(report: Report): void {
  const tables = [
    floorsTable(report),
    ...comparisonTables(report),
    resultsTable(report),
    targetsTable(report),
  ];
  console.log(tables.map(asText).join('\n\n'));
  for (const { name, reason } of report.skipped) console.log(`\nnot available: ${name}: ${reason}`);
}
