// Workers of the built package that end with something open: the memory of micro-VMs goes with them.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { pathOf } from './components.ts';
import { dist, run } from './programs.ts';

/** What each worker leaves, by the name that it is given. */
const LEAVE = `
  const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  const leave = {
    snapshot: async () => (await Sandbox.create({ component })).snapshot(),
    pool: () => Pool.create({ component, size: 2 }),
    loaded: () => Snapshot.load(path),
    loading: async () => { void Snapshot.load(path); sleep(); process.exit(); },
    captured: async () => { void (await Sandbox.create({ component })).snapshot(); sleep(); process.exit(); },
  };`;

describeWithKvm('a worker', () => {
  test('leaves no memory of snapshots and pools behind, wherever it was with them', () => {
    const program = `
      import { Pool, Sandbox, Snapshot } from ${JSON.stringify(dist('index.mjs'))};
      import { once } from 'node:events';
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      import { isMainThread, Worker, workerData } from 'node:worker_threads';
      const component = ${JSON.stringify(pathOf('counter'))};
      const path = ${JSON.stringify(join(mkdtempSync(join(tmpdir(), 'hl-workers-')), 'state.hlsnap'))};
      ${LEAVE}
      // Neither inherited nor dumped: so is all memory of VMs, and nothing else.
      const isOurs = (line) => /^VmFlags:.* dc .*\\bdd\\b/.test(line);
      const count = () => readFileSync('/proc/self/smaps', 'utf8').split('\\n').filter(isOurs).length;
      const all = async () => {
        for (const name of Object.keys(leave)) await once(new Worker(fileURLToPath(import.meta.url), { workerData: name }), 'exit');
      };
      if (!isMainThread) globalThis.kept = await leave[workerData]();
      else {
        const sandbox = await Sandbox.create({ component });
        const snapshot = await sandbox.snapshot();
        await snapshot.save(path);
        const least = count();
        for (let round = 0; round < 6; round++) await all();
        // VMs that ended may be kept for five seconds.
        const end = performance.now() + 20_000;
        while (count() > least && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
        console.log(least > 0, count() <= least || [least, count()].join());
      }`;
    expect(run(program)).toBe('true true\n');
  });
});
