// `npm run fuzz -- [target...] [--seconds N] [--runs N] [--seed N] [--mutate]`: feeds a target inputs until one breaks a promise.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolsFolder } from './environment.mjs';
import { hostTargets, inputBytesMax, rustTargets, targets, vmTargets } from './fuzz/targets.mjs';
import { fuzzing } from './fuzz/tools.mjs';
import { mustRun, run } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

const SECONDS = 60;
/** No input has a reason to take so much; of one process all VMs together take more. */
const MEMORY_MIB = { one: 64, all: 4096 };

const mutator = ['build', '--profile=fuzzing', '--package=hl-fuzz', '--features=mutate', '--bin=mutate'];

const USAGE = `usage: npm run fuzz -- [TARGET...] [--seconds N] [--runs N] [--seed N] [--mutate]

  TARGET       ${targets.join(', ')}; default: all, one after the other
  --seconds N  of each target, without the time to build; default ${SECONDS}
  --runs N     ends after that many inputs, or after the seconds that are given, whichever comes first
  --seed N     the same seed makes the same inputs by mutation; default 1
  --mutate     by mutation, without libFuzzer and its nightly compiler`;

const options = parse(process.argv.slice(2));
setup();
await build(options);
const failed = [];
for (const target of options.targets) {
  console.log(`\n=== ${target}`);
  if ((await fuzz(target)) !== 0) failed.push(target);
}
if (failed.length > 0) {
  console.error(`fuzz: ${failed.join(', ')}: broken; the input is in ${folderOf(failed[0])}, or named above`);
  process.exit(1);
}

function parse(words) {
  const options = { targets: [], seconds: undefined, runs: undefined, seed: 1, mutate: false };
  while (words.length > 0) {
    const word = words.shift();
    const name = /^--(seconds|runs|seed)$/.exec(word)?.[1];
    if (word === '--help' || word === '-h') {
      console.log(USAGE);
      process.exit(0);
    }
    if (word === '--mutate') options.mutate = true;
    else if (name !== undefined) options[name] = positive(word, words.shift());
    else if (targets.includes(word)) options.targets.push(word);
    else refuse(`there is no ${word.startsWith('-') ? 'option' : 'target'} ${word}`);
  }
  if (options.seconds === undefined && options.runs === undefined) options.seconds = SECONDS;
  if (options.targets.length === 0) options.targets = targets;
  return options;
}

function positive(name, value) {
  if (!/^[1-9]\d*$/.test(value ?? '')) refuse(`${name} needs a whole number, got ${value ?? 'nothing'}`);
  return Number(value);
}

function refuse(what) {
  console.error(`fuzz: ${what}\n\n${USAGE}`);
  process.exit(2);
}

/** The guests, the compiler and the targets, as far as they are needed. */
async function build({ targets, mutate }) {
  const rust = targets.filter((target) => rustTargets.includes(target));
  if (rust.length > 0) {
    await mustRun('node', [join(root, 'scripts/cargo/guest.mjs')]);
    if (rust.includes('smith')) await mustRun('cargo', ['build', '--release', '--package=hl-compile']);
    if (mutate) await mustRun('cargo', mutator);
    else for (const target of rust) await mustRun(...fuzzing('build', target));
  }
  if (targets.some((target) => vmTargets.includes(target)))
    await mustRun('turbo', turboOptions(['//#cargo:native', '@hl-test/components#build']));
  if (targets.some((target) => hostTargets.includes(target))) {
    const bundle = ['--bundle', '--platform=node', '--format=esm', '--log-level=warning'];
    const where = `--outfile=${join(toolsFolder, 'fuzz/main.mjs')}`;
    await mustRun('esbuild', [join(root, 'packages/host/test/fuzz/main.ts'), ...bundle, where]);
  }
}

function folderOf(target) {
  const folder = join(toolsFolder, 'fuzz', target);
  mkdirSync(join(folder, 'corpus'), { recursive: true });
  return folder;
}

/** Inputs that were worth keeping stay in the target's folder, for the next time. */
function fuzz(target) {
  const { runs, seconds, seed, mutate } = options;
  const cwd = folderOf(target);
  const seeds = join(root, 'fuzz/seeds', target);
  if (hostTargets.includes(target)) {
    const numbers = [runs ?? 'Infinity', seconds ?? 'Infinity', seed].map(String);
    return run('node', ['../main.mjs', target, ...numbers, seeds], { cwd });
  }
  if (mutate) {
    const ends = [...(runs ? ['--runs', runs] : []), ...(seconds ? ['--seconds', seconds] : [])].map(String);
    const program = join(root, 'target/fuzzing/mutate');
    return run(program, [target, ...ends, '--seed', String(seed), 'corpus'], { cwd });
  }
  const ends = [...(runs ? [`-runs=${runs}`] : []), ...(seconds ? [`-max_total_time=${seconds}`] : [])];
  const limits = [`-malloc_limit_mb=${MEMORY_MIB.one}`, `-rss_limit_mb=${MEMORY_MIB.all}`];
  const more = [`-max_len=${inputBytesMax[target]}`, `-seed=${seed}`, '-print_final_stats=1'];
  const folders = [join(cwd, 'corpus'), seeds];
  const words = [...folders, '--', ...ends, ...limits, ...more, `-artifact_prefix=${cwd}/`];
  return run(...fuzzing('run', target, words));
}
