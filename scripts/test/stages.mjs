// Owns what `npm test` consists of, in order: the quick stages first, then the build that the rest stands on.
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { linted, tested } from '../cargo/crates.mjs';
import { root, toolsFolder } from '../environment.mjs';
import { run } from '../run.mjs';
import { turboOptions } from '../turbo.mjs';
import { add, cargoCounter, countExit, countVitest, NOTHING } from './count.mjs';

/** Biome colours its answers also where nobody watches. */
const colors = process.stdout.isTTY ? [] : ['--colors=off'];

/** Each stage answers with its count. After a failed stage that is `vital` the others would only repeat the news. */
export const stages = [
  {
    name: 'format',
    vital: false,
    run: () => checks(['biome', 'ci', '--log-level=warn', ...colors], ['cargo', 'fmt', '--all', '--check']),
  },
  { name: 'build', vital: true, run: () => checks(['turbo', ...turboOptions(['build'])]) },
  { name: 'types', vital: false, run: () => checks(['turbo', ...turboOptions(['typecheck', '--continue'])]) },
  { name: 'clippy', vital: false, run: clippy },
  { name: 'cargo', vital: false, run: cargoTests },
  { name: 'vitest', vital: false, run: () => vitest('tests') },
  { name: 'packages', vital: false, run: () => vitest('packages') },
];

async function checks(...commands) {
  let sum = countExit(await run(commands[0][0], commands[0].slice(1)));
  for (const [program, ...options] of commands.slice(1)) {
    sum = add(sum, countExit(await run(program, options)));
  }
  return sum;
}

/** Dependencies are checked once for each side, never compiled again. */
function clippy() {
  return checks(...linted.map((options) => ['cargo', 'clippy', ...options, '--', '--deny', 'warnings']));
}

/** cargo hides what a passing test prints; without KVM that is the reason why it did nothing. */
async function cargoTests() {
  const shown = canOpenKvm() ? [] : ['--show-output'];
  let sum = NOTHING;
  for (const { options, filter } of tested) {
    const counter = cargoCounter();
    const all = ['test', '--no-fail-fast', ...options, '--', ...filter, ...shown];
    const code = await run('cargo', all, { onLine: counter.onLine });
    sum = add(sum, counter.count(code));
  }
  return sum;
}

function canOpenKvm() {
  try {
    closeSync(openSync('/dev/kvm', 'r+'));
    return true;
  } catch {
    return false;
  }
}

async function vitest(project) {
  const report = join(toolsFolder, 'reports', `${project}.json`);
  mkdirSync(join(toolsFolder, 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const code = await run(
    'vitest',
    ['run', `--project=${project}`, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: root },
  );
  return countVitest(report, code);
}
