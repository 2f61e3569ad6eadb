// The benchmark: builds its guests, measures floors and cells in turns, and says what came out.
import { doctor } from '@hl/host';
import { type Options, parseOptions, USAGE } from './arguments.js';
import { makePlan } from './cells/index.js';
import { FloorProgram } from './floors.js';
import { prepareGuests } from './guests.js';
import { measure } from './harness.js';
import { writePage, writeResults } from './report/files.js';
import { makeReport, type Report } from './report/report.js';
import { asText, floorsTable, resultsTable } from './report/table.js';

const ROUNDS = { whole: 10, quick: 2 };
const SHARE = { whole: 1, quick: 0.1 };

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

async function run({ quick, only }: Options): Promise<Report> {
  const size = quick ? 'quick' : 'whole';
  progress('building floors and guests');
  const floors = await FloorProgram.prepare();
  const plan = await makePlan(await prepareGuests());
  try {
    const outcome = await measure(
      plan.cells.filter(({ name }) => name.includes(only)),
      {
        rounds: ROUNDS[size],
        share: SHARE[size],
        betweenRounds: () => floors.measure(SHARE[size] / ROUNDS[size]),
        onProgress: progress,
      },
    );
    return makeReport(outcome, floors.floors(), plan.skipped, args);
  } finally {
    await plan.close();
  }
}

function progress(text: string): void {
  console.error(`bench: ${text}`);
}

function print(report: Report): void {
  console.log(`${asText(floorsTable(report))}\n\n${asText(resultsTable(report))}`);
  for (const { name, reason } of report.skipped) console.log(`\nleft out: ${name}: ${reason}`);
}
