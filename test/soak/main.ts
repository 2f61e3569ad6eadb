// Owns a run of the soak: its turns, its samples, its progress, and its exit code.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enterMemoryGroup, type MemoryGroup } from '../bench/src/process/memory-group.js';
import { type Options, parseOptions, USAGE } from './arguments.js';
import { fillUp, makeCalls } from './calls.js';
import { assemble, type Cast } from './cast.js';
import { chart } from './chart.js';
import { Counts } from './counts.js';
import { CYCLES, makeAndClose } from './cycles.js';
import { endCalls } from './ends.js';
import { Leaks } from './leaks.js';
import { asTerminalText, page, type Run } from './report.js';
import { ALLOWANCES, judge, SHORT_ALLOWANCES } from './rule.js';
import { type Sample, takeSample } from './samples.js';

/** Of the whole run: each is 500 calls, 10 sandboxes made and closed, one timeout, one cancel, one trap. */
const TURNS = 2_000;
const CALLS = 500;
const SAMPLES = 200;
/** A shorter run is judged by the allowances of short ones. */
const WHOLE = 0.5;
const PROGRESS_MS = 10_000;

/** This runs as test/soak/dist/main.js. */
const root = join(import.meta.dirname, '../../..');

async function soak(options: Options): Promise<Run> {
  const group = groupOrReason();
  const counts = new Counts();
  try {
    const groupKiB = typeof group === 'string' ? undefined : group.usedKiB;
    const samples = await takeTurns(options, counts, groupKiB);
    const verdicts = judge(samples, options.scale < WHOLE ? SHORT_ALLOWANCES : ALLOWANCES);
    const command = ['npm run soak --', ...process.argv.slice(2)].join(' ');
    return { counts, samples, verdicts, ungrouped: typeof group === 'string' ? group : undefined, command };
  } finally {
    if (typeof group !== 'string') group.leave();
  }
}

async function takeTurns(
  { scale, leak }: Options,
  counts: Counts,
  groupKiB: (() => number) | undefined,
): Promise<Sample[]> {
  const turns = Math.max(20, Math.round(TURNS * scale));
  const every = Math.max(1, Math.floor(turns / SAMPLES));
  const cast = await assemble(join(root, 'test/components/dist'), counts);
  const leaks = new Leaks(leak);
  const samples: Sample[] = [];
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1_000;
  let told = started;
  try {
    for (let turn = 0; turn < turns; turn++) {
      await takeTurn(cast, counts, turn, leaks);
      if ((turn + 1) % every === 0) samples.push(await takeSample(counts.calls, seconds(), groupKiB));
      if (performance.now() - told < PROGRESS_MS) continue;
      told = performance.now();
      console.error(progress(turn + 1, turns, samples.at(-1), seconds()));
    }
  } finally {
    await cast.end();
  }
  return samples;
}

async function takeTurn(cast: Cast, counts: Counts, turn: number, leaks: Leaks): Promise<void> {
  const { cycles } = counts;
  await makeCalls(cast, counts);
  await makeAndClose(cast, counts, turn, leaks.keep);
  await endCalls(cast, counts, turn);
  await leaks.leak(cast);
  // From one turn to the next the same, whichever kinds of calls came in this one.
  await fillUp(cast, counts, (turn + 1) * CALLS);
  if (counts.cycles !== cycles + CYCLES) throw new Error(`${counts.cycles - cycles} cycles in one turn`);
}

function groupOrReason(): MemoryGroup | string {
  try {
    return enterMemoryGroup();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function progress(turn: number, turns: number, sample: Sample | undefined, seconds: number): string {
  const left = (seconds / turn) * (turns - turn);
  const held =
    sample === undefined
      ? ''
      : `; ${sample.rssMiB.toFixed(0)} MiB, ${sample.descriptors} descriptors, ${sample.threads} threads, ${sample.mappings} mappings`;
  return `${((100 * turn) / turns).toFixed(1)}% after ${seconds.toFixed(0)} s, about ${left.toFixed(0)} s left${held}`;
}

function parse(): Options | 'help' {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

const options = parse();
if (options === 'help') {
  console.log(USAGE);
} else {
  const run = await soak(options);
  console.log(asTerminalText(run));
  if (options.write) {
    writeFileSync(join(root, 'docs/soak.md'), page(run));
    writeFileSync(join(root, 'docs/soak.svg'), chart(run.samples));
  }
  const growing = run.verdicts.filter(({ isFlat }) => !isFlat);
  if (growing.length > 0) {
    console.error(`not flat: ${growing.map(({ metric }) => metric).join(', ')}`);
    process.exitCode = 1;
  }
}
