// `npm run profile`: sets up, builds, and says where a call's time and memory go. Standard output is the profile's alone.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

setup();
await mustRun('turbo', turboOptions(['build']), { toStderr: true });
await mustRun('node', ['test/bench/dist/profile.js', ...process.argv.slice(2)]);
