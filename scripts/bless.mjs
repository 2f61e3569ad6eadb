// `npm run bless`: runs the tests so that golden files are rewritten from what the code answers now; read the diff.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

setup();
await mustRun('turbo', turboOptions(['build']));
await mustRun('vitest', ['run', '--update', ...process.argv.slice(2)], { env: { HL_BLESS: '1' } });
