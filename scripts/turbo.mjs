// Runs tasks of turbo.json after the set-up: `node scripts/turbo.mjs build`, further options go to turbo.
import { pathToFileURL } from 'node:url';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';

/** Runs the tasks; `settings` are those of `run`. Ends the process when one of them fails. */
export function turbo(options, settings) {
  return mustRun(
    'turbo',
    ['run', ...options, '--no-daemon', '--output-logs=new-only', '--log-order=stream'],
    settings,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  setup();
  await turbo(process.argv.slice(2));
}
