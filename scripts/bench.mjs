// `npm run bench`: sets up, builds, and measures. Standard output is the benchmark's alone, so that it can be one JSON object.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

setup();
await mustRun('turbo', turboOptions(['build']), { toStderr: true });
await mustRun('node', ['test/bench/dist/main.js', ...process.argv.slice(2)]);
