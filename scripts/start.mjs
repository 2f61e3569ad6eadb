// `npm start`: sets up, builds what changed of the packages and the main example, and runs the example.
// The packages are whole then, with the component that @hl/host ships: projects of users install their folders.
import { join } from 'node:path';
import { root } from './environment.mjs';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

const example = 'examples/markdown';

setup();
const built = ['packages/*', 'examples/greet', example].map((folder) => `--filter={./${folder}}...`);
await mustRun('turbo', turboOptions(['build', ...built]));
await mustRun('pnpm', ['--silent', 'run', 'start', ...process.argv.slice(2)], { cwd: join(root, example) });
