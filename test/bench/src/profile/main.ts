// The profile: calls one function again and again, and says where the time and the memory of a call go.
import { mkdirSync, writeFileSync } from 'node:fs';
import { FloorProgram } from '../floors.js';
import { inPackage } from '../paths.js';
import { asText } from '../report/table.js';
import { AddOn, addOnNames } from './add-on.js';
import { PROFILE_USAGE, type ProfileOptions, parseProfileOptions } from './arguments.js';
import { measureBudget, warmUp } from './budget.js';
import { type Profiled, startCell } from './cells.js';
import { profileCpu } from './cpu.js';
import { profileHeap } from './heap.js';
import { Inspector } from './inspector.js';
import { Positions } from './positions.js';
import { type ProfileReport, profileTables } from './report.js';

const FLOORS_SHARE = 0.05;

process.exitCode = await main().catch((error: unknown) => {
  console.error(`profile: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
});

async function main(): Promise<number> {
  const options = parse();
  if (typeof options === 'number') return options;
  progress('building floors and the guest');
  const floors = await FloorProgram.prepare();
  await floors.measure(FLOORS_SHARE);
  const cell = await startCell(options.cell);
  try {
    const { exit, pingPong } = floors.floors();
    const report = {
      cell: options.cell,
      floors: { exitUs: exit.p50, pingPongUs: pingPong.p50 },
      ...(await profile(cell, options)),
    };
    if (options.json) console.log(JSON.stringify(report));
    else console.log(profileTables(report).map(asText).join('\n\n'));
    return 0;
  } finally {
    await cell.close();
  }
}

function parse(): ProfileOptions | number {
  try {
    const options = parseProfileOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    console.log(PROFILE_USAGE);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${PROFILE_USAGE}`);
    return 2;
  }
}

async function profile(
  cell: Profiled,
  { cell: name, seconds, files }: ProfileOptions,
): Promise<Omit<ProfileReport, 'cell' | 'floors'>> {
  const addOn = new AddOn();
  const positions = new Positions(addOnNames());
  const inspector = new Inspector();
  try {
    await warmUp(cell, seconds);
    progress('measuring the pieces of a call');
    const measured = await measureBudget(cell, addOn, seconds);
    progress('taking the CPU profile');
    const { cpu, raw: cpuProfile } = await profileCpu(cell, inspector, positions, seconds);
    progress('taking the allocation profile');
    const { allocation, raw: heapProfile } = await profileHeap(cell, inspector, positions, seconds);
    if (files) keep(name, { cpuprofile: cpuProfile, heapprofile: heapProfile });
    return { ...measured, cpu, allocation };
  } finally {
    inspector.close();
  }
}

function keep(cell: string, profiles: Record<string, object>): void {
  mkdirSync(inPackage('results'), { recursive: true });
  for (const [kind, profile] of Object.entries(profiles)) {
    const path = inPackage('results', `${cell.replaceAll('/', '-')}.${kind}`);
    writeFileSync(path, JSON.stringify(profile));
    progress(`wrote ${path}`);
  }
}

function progress(text: string): void {
  console.error(`profile: ${text}`);
}
