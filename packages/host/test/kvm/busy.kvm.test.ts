// Sandboxes on a machine that has too little of something: cores, turns of the event loop, or anything to do.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { pathOf } from './components.ts';
import { dist, run } from './programs.ts';

const HEAD = `import { Sandbox } from ${JSON.stringify(dist('index.mjs'))};
  import assert from 'node:assert/strict';
  const host = { 'hl:conformance/host': {
    add: (a, b) => a + b, notify: () => undefined, describe: () => '', manyParameters: (...all) => all.slice(0, 3),
    transform: (text) => (text.length % 2 === 0 ? text + '!' : new Promise((resolve) => setImmediate(resolve, text + '!'))),
  } };
  const counter = (reset) => Sandbox.create({ component: ${JSON.stringify(pathOf('counter'))}, reset });
  const conformance = (reset) => Sandbox.create({ component: ${JSON.stringify(pathOf('conformance'))}, imports: host, reset });
  const resetOf = (index) => (index % 2 === 0 ? 'full' : 'memory');
  /** Calls of every kind, each with an answer that no other call has. */
  const work = async (sandbox, name, calls) => {
    for (let call = 0; call < calls; call++) {
      const text = name + '.' + call;
      assert.equal(await sandbox.exports.run.counterNext(), 1);
      assert.equal(await sandbox.exports.echo.echoString(text), text);
      assert.equal(await sandbox.exports.run.hostTransform(text), text + '!');
      const context = await sandbox.context();
      const counts = [context.exports.run.counterNext(), context.exports.run.counterNext()];
      assert.deepEqual(await Promise.all(counts), [1, 2]);
      await context.finish();
    }
  };`;

const manyGuests = (guests: number, calls: number): string => `${HEAD}
  const sandboxes = await Promise.all(Array.from({ length: ${guests} }, (_, index) => conformance(resetOf(index))));
  await Promise.all(sandboxes.map((sandbox, index) => work(sandbox, 'guest ' + index, ${calls})));
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
  console.log('all answered');`;

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

describeWithKvm('calls', () => {
  test('are answered, each with its own answer, by many more guests than cores', () => {
    expect(run(manyGuests(12, 30))).toBe('all answered\n');
  });

  test.skipIf(!hasTaskset)(
    `are answered on a single core${hasTaskset ? '' : ' (skipped: there is no taskset)'}`,
    () => {
      // Which core does not matter, as long as it is one that this process may use.
      const { stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
      const core = /(\d+)[-,\d]*\s*$/.exec(stdout)?.[1] ?? '0';
      const program = `${manyGuests(6, 20)}
        console.log((await import('node:os')).availableParallelism());`;
      expect(run(program, 'mjs', [], ['taskset', '-c', core])).toBe('all answered\n1\n');
    },
  );

  test('are answered while the event loop is busy with something else', () => {
    const program = `${HEAD}
      const busy = setInterval(() => { const end = performance.now() + 5; while (performance.now() < end); }, 1);
      const sandboxes = await Promise.all([0, 1, 2].map((index) => conformance(resetOf(index))));
      await Promise.all(sandboxes.map((sandbox, index) => work(sandbox, 'guest ' + index, 20)));
      clearInterval(busy);
      console.log('all answered');`;
    expect(run(program)).toBe('all answered\n');
  });
});

describeWithKvm('50 idle sandboxes', () => {
  test('take no CPU time over two seconds', () => {
    const program = `${HEAD}
      import { readdirSync, readFileSync } from 'node:fs';
      const read = (task, file) => readFileSync('/proc/self/task/' + task + '/' + file, 'utf8');
      const threads = () => readdirSync('/proc/self/task').filter((task) => read(task, 'comm').trim() === 'hl-sandbox');
      const used = () => threads().reduce((sum, task) => sum + Number(read(task, 'schedstat').split(' ')[0]), 0) / 1e6;
      const sandboxes = await Promise.all(Array.from({ length: 50 }, (_, index) => counter(resetOf(index))));
      for (const sandbox of sandboxes) assert.equal(await sandbox.exports.next(), 1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = { threads: used(), process: process.cpuUsage() };
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const spent = process.cpuUsage(before.process);
      console.log(JSON.stringify({
        threads: threads().length,
        inThreadsMs: used() - before.threads,
        inProcessMs: (spent.user + spent.system) / 1e3,
      }));`;
    const { threads, inThreadsMs, inProcessMs } = JSON.parse(run(program));
    console.log(`50 idle sandboxes: ${inThreadsMs} ms in their threads, ${inProcessMs} ms in the process`);
    expect(threads).toBe(50);
    expect(inThreadsMs).toBeLessThan(20);
    // V8 collects garbage of the beginning now and then.
    expect(inProcessMs).toBeLessThan(200);
  });
});
