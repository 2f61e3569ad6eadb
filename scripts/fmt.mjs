// `npm run fmt`: formats everything, and applies the linter's safe fixes.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';

setup();
await mustRun('biome', ['check', '--write', '--log-level=warn']);
await mustRun('cargo', ['fmt', '--all']);
