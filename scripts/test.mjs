// `npm test`: sets up and runs everything, or only the stages named: `npm test -- vitest packages`.
import { setup } from './setup.mjs';
import { add, NOTHING } from './test/count.mjs';
import { stages } from './test/stages.mjs';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `no such stage: ${unknown.join(', ')}; there are: ${stages.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const times = [];
timed('setup', setup);

let sum = NOTHING;
for (const stage of stages) {
  if (wanted.length > 0 && !wanted.includes(stage.name)) continue;
  console.log(`\n=== ${stage.name}`);
  const count = await timed(stage.name, stage.run);
  sum = add(sum, count);
  if (count.failed > 0) {
    console.error(`${stage.name}: failed`);
    if (stage.vital) {
      console.error('the stages after it need what it makes and were not run');
      break;
    }
  }
}

console.log(`\n=== time of each stage\n${times.join('\n')}\n`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;

async function timed(name, work) {
  const started = Date.now();
  const result = await work();
  times.push(`${name.padEnd(10)} ${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s`);
  return result;
}
