// The app: grants the plug-in one function, calls it in a micro-VM, and says what that cost.
import { doctor, Sandbox, WitError } from '@hl/host';

const prices = new Map([
  ['apple', 120],
  ['pear', 95],
]);
const basket = ['apple', 'apple', 'pear'];
const LATER_CALLS = 200;

async function main() {
  const [sandbox, createMs] = await timed(() =>
    Sandbox.create({
      component: new URL('./plugin.wasm', import.meta.url),
      imports: { 'app:plugin/prices': { cents: (name) => prices.get(name) } },
      stdout: 'inherit',
      stderr: 'inherit',
    }),
  );
  try {
    const { total } = sandbox.exports;
    const [sum, firstMs] = await timed(() => total(basket));
    const laterMs = [];
    for (let count = 0; count < LATER_CALLS; count++) laterMs.push((await timed(() => total(basket)))[1]);
    laterMs.sort((a, b) => a - b);

    console.log(`${basket.join(', ')}: ${sum} cents`);
    await total(['plum']).catch((error) => {
      if (!(error instanceof WitError)) throw error;
      console.log(`plum: the plug-in says "${error.payload}"`);
    });
    console.log(`
create      ${shown(createMs)}   compiles the plug-in; the next start finds it in the cache
first call  ${shown(firstMs)}
later call  ${shown(laterMs[LATER_CALLS / 2])}   median of ${LATER_CALLS}; each begins with the plug-in's first state`);
  } finally {
    await sandbox.close();
  }
}

async function timed(work) {
  const started = performance.now();
  const answer = await work();
  return [answer, performance.now() - started];
}

function shown(ms) {
  return `${ms.toFixed(3).padStart(9)} ms`;
}

main().catch(async (error) => {
  process.exitCode = 1;
  const missing = (await doctor()).checks.find(({ ok }) => !ok);
  console.error(missing ? `${missing.detail}; ${missing.hint}` : error);
});
