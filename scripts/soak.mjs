// `npm run soak`: sets up, builds, and shows over a million calls that nothing is lost in a process.
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

const args = process.argv.slice(2);
setup();
// What is wrong with them is told before minutes of building.
const { buildSoak, checkArguments } = await import('../test/soak/build.mjs');
if (await checkArguments(args)) {
  await mustRun('turbo', turboOptions(['build']), { toStderr: true });
  await mustRun('node', [...(await buildSoak()), ...args]);
}
