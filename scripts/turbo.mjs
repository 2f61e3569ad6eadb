// Runs tasks of turbo.json after the set-up: `node scripts/turbo.mjs build`, further options go to turbo.
import { pathToFileURL } from 'node:url';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';

/** The command line for these tasks, with only news on the terminal. */
export function turboOptions(tasks) {
  return ['run', ...tasks, '--output-logs=new-only', '--log-order=stream'];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup();
  await mustRun('turbo', turboOptions(process.argv.slice(2)));
}
