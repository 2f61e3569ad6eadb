// `npm start`: sets up, builds what changed of the packages and the main example, and runs the example.
import { join } from 'node:path';
import { root } from './environment.mjs';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

const example = 'examples/markdown';

setup();
await mustRun('turbo', turboOptions(['build', '--filter={./packages/*}', `--filter={./${example}}...`]));
await mustRun('pnpm', ['--silent', 'run', 'start', ...process.argv.slice(2)], { cwd: join(root, example) });
