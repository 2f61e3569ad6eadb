// Several workers at once, each ended in the middle of something else, over and over, beside a sandbox that goes on.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Pool, Sandbox } from '@hl/host';
import { component, counter, delay, importsWith } from './components.mjs';

/** What each is ended in: it tells when it is there, as far as it can tell. */
const WORK = {
  guest: async (ready) => {
    const { exports } = await Sandbox.create({ component, imports: importsWith() });
    const spinning = exports.run.spin();
    ready();
    await spinning;
  },
  hostFunction: async (ready) => {
    const imports = importsWith({
      add: () => {
        ready();
        return delay(60_000);
      },
    });
    await (await Sandbox.create({ component, imports })).exports.run.hostAdd(1);
  },
  busyHostFunction: async (ready) => {
    const imports = importsWith({
      add: () => {
        ready();
        for (;;);
      },
    });
    await (await Sandbox.create({ component, imports })).exports.run.hostAdd(1);
  },
  shortCalls: async (ready) => {
    const { exports } = await Sandbox.create({ component, imports: importsWith() });
    ready();
    for (;;) await exports.run.hostAdd(3);
  },
  create: async (ready) => {
    for (;;) {
      const creating = Sandbox.create({ component: counter });
      ready();
      await creating;
    }
  },
  pool: async (ready) => {
    const pool = await Pool.create({ component, imports: importsWith(), size: 2 });
    ready();
    for (;;) await Promise.all([1, 2, 3].map((n) => pool.exports.run.add(n, n)));
  },
  context: async (ready) => {
    const sandbox = await Sandbox.create({ component, imports: importsWith() });
    for (;;) {
      const context = await sandbox.context();
      ready();
      await context.exports.run.counterNext();
      await context.snapshot();
      await context.finish();
    }
  },
  close: async (ready) => {
    for (;;) {
      const sandbox = await Sandbox.create({ component: counter });
      const closing = sandbox.close();
      ready();
      await closing;
    }
  },
};

if (isMainThread) {
  const { exports } = await Sandbox.create({ component, imports: importsWith() });
  let right = 0;
  for (let round = 0; round < 4; round++) {
    const workers = Object.keys(WORK).map(
      (name) => new Worker(fileURLToPath(import.meta.url), { workerData: name }),
    );
    await Promise.all(
      workers.map(async (worker, index) => {
        await once(worker, 'message');
        // A little later each time, so that the end comes at another point.
        await delay((index * 3 + round * 7) % 20);
        await worker.terminate();
      }),
    );
    if ((await exports.run.hostAdd(round)) >= 0 && (await exports.run.hello('x')) !== '') right++;
  }
  console.log(right);
} else {
  let told = false;
  await WORK[workerData](() => {
    if (!told) parentPort.postMessage('ready');
    told = true;
  });
}
