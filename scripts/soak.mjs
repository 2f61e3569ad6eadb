// `npm run soak`: sets up, builds, and shows over a million calls that nothing is lost in a process.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

setup();
await mustRun('turbo', turboOptions(['build']), { toStderr: true });
const { buildSoak } = await import('../test/soak/build.mjs');
await mustRun('node', [...(await buildSoak()), ...process.argv.slice(2)]);
