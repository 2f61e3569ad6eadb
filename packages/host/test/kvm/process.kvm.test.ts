// The built package in processes of its own: how they end, its two module systems, and its command.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { pathOf } from './components.ts';
import { dist, run, THREADS } from './programs.ts';

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [dist('cli.js'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const IMPORT = `import { Sandbox } from ${JSON.stringify(dist('index.mjs'))};`;
const COUNTER = JSON.stringify(pathOf('counter'));
const TRAPS = JSON.stringify(pathOf('traps'));

describeWithKvm('a process', () => {
  test('ends by itself with a sandbox that was not closed', () => {
    expect(
      run(
        `${IMPORT} const s = await Sandbox.create({ component: ${COUNTER} }); console.log(await s.exports.next());`,
      ),
    ).toBe('1\n');
  });

  test('waits for a call in flight, and for close()', () => {
    const program = `${IMPORT}
      const s = await Sandbox.create({ component: ${TRAPS}, limits: { timeoutMs: 2_000 } });
      s.exports.spin().catch(async (error) => { await s.close(); console.log(error.code); });`;
    expect(run(program)).toBe('ERR_HL_TIMEOUT\n');
  });

  test('ends while an open context and an idle sandbox are forgotten', () => {
    const program = `${IMPORT}
      const s = await Sandbox.create({ component: ${COUNTER} });
      const context = await s.context();
      await context.exports.next();
      console.log(await context.exports.next());`;
    expect(run(program)).toBe('2\n');
  });

  test('ends at once by process.exit during a call', () => {
    const program = `${IMPORT}
      const s = await Sandbox.create({ component: ${TRAPS} });
      s.exports.spin().catch(() => undefined);
      setTimeout(() => process.exit(0), 20);`;
    expect(run(program)).toBe('');
  });

  test('takes down the VMs of sandboxes that were dropped without close(), but not under a call', () => {
    const program = `${IMPORT}
      ${THREADS}
      const breathe = () => new Promise((resolve) => setTimeout(resolve, 10));
      const kept = (await Sandbox.create({ component: ${COUNTER} })).exports;
      await (async () => { for (let i = 0; i < 8; i++) await (await Sandbox.create({ component: ${COUNTER} })).exports.next(); })();
      const spinning = Sandbox.create({ component: ${TRAPS}, limits: { timeoutMs: 300 } }).then((s) => s.exports.spin());
      const code = spinning.catch((error) => error.code);
      const most = threads();
      while (threads() > 1) { gc(); await breathe(); }
      console.log(most > 1, await code, await kept.next());`;
    expect(run(program, 'mjs', ['--expose-gc'])).toBe('true ERR_HL_TIMEOUT 1\n');
  });

  test('lives through creations that are cancelled at any moment', () => {
    const program = `${IMPORT}
      const outcomes = {};
      const spin = (us) => { const end = performance.now() + us / 1000; while (performance.now() < end); };
      for (let turn = 0; turn < 300; turn++) {
        const controller = new AbortController();
        const { signal } = controller;
        const onProgress = ({ stage }) => {
          if (stage === 'start') setImmediate(() => { spin(turn * 7 % 100 * 10); controller.abort(); });
        };
        const sandboxes = [0, 1].map(() => Sandbox.create({ component: ${COUNTER}, signal, onProgress }));
        for (const { status, value } of await Promise.allSettled(sandboxes)) {
          outcomes[status] = true;
          if (turn % 3 === 0) await value?.close();
        }
      }
      console.log(outcomes.rejected);
      process.exit();`;
    expect(run(program)).toBe('true\n');
  });

  test('has one class for import and require', () => {
    const program = `
      const required = require(${JSON.stringify(dist('index.js'))});
      import(${JSON.stringify(dist('index.mjs'))}).then((imported) => {
        const names = Object.keys(required).sort();
        console.log(names.every((name) => required[name] === imported[name]), names.join() === Object.keys(imported).sort().join());
      });`;
    expect(run(program, 'cjs')).toBe('true true\n');
  });

  test('may have a sandbox in a worker, which takes it down with itself', () => {
    const program = `${IMPORT}
      import { Worker, isMainThread, parentPort } from 'node:worker_threads';
      import { fileURLToPath } from 'node:url';
      if (isMainThread) {
        const worker = new Worker(fileURLToPath(import.meta.url));
        worker.once('message', async (answer) => { await worker.terminate(); console.log(answer); });
      } else {
        const s = await Sandbox.create({ component: ${COUNTER} });
        parentPort.postMessage(await s.exports.next());
        setInterval(() => undefined, 1000);
      }`;
    expect(run(program)).toBe('1\n');
  });

  test('keeps timers and sockets alive while calls are awaited in a loop', () => {
    const program = `${IMPORT}
      const s = await Sandbox.create({ component: ${COUNTER} });
      let ticks = 0;
      const timer = setInterval(() => { ticks++; }, 1);
      const end = performance.now() + 300;
      while (performance.now() < end) await s.exports.next();
      clearInterval(timer);
      console.log(ticks > 10);`;
    expect(run(program)).toBe('true\n');
  });
});

describeWithKvm('the command', () => {
  test('runs a function with plain words, and prints what it answers', () => {
    expect(command('run', pathOf('counter'), 'next')).toMatchObject({ status: 0, stdout: '1\n' });
    expect(command('run', pathOf('traps'), 'load', '0')).toMatchObject({ status: 0, stdout: '0\n' });
  });

  test('tells a trap, a missing import and a wrong argument in words', () => {
    expect(command('run', pathOf('traps'), 'unreachable')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('TrapError (ERR_HL_TRAP): unreachable trapped'),
    });
    expect(command('run', pathOf('conformance'), 'run.noop').stderr).toContain('LinkError (ERR_HL_LINK)');
    expect(command('run', pathOf('traps'), 'load', 'x')).toMatchObject({
      status: 1,
      stderr: 'TypeError: the argument x is not JSON\n',
    });
  });

  test('names what there is where something is not', () => {
    expect(command('run', pathOf('counter'), 'nxt')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it exports next'),
    });
    expect(command('run', pathOf('traps'), 'load')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('0 arguments for load: func(address: u32) -> u32'),
    });
    expect(command('rnu')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("there is no command 'rnu'"),
    });
    expect(command('run')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a component is missing'),
    });
    expect(command('inspect', './no/such.wasm')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ENOENT'),
    });
    expect(command('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('inspect plugin.wasm'),
    });
  });

  test('shows the usage of each command, and does not overlook a word too many', () => {
    for (const name of ['run', 'inspect', 'compile', 'doctor']) {
      const usage = expect.stringContaining(`usage: npx @hl/host ${name}`);
      expect(command(name, '--help')).toMatchObject({ status: 0, stdout: usage });
    }
    expect(command('compile', pathOf('counter'), 'b.wasm')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('what is b.wasm?'),
    });
    expect(command('doctor', 'counter').status).toBe(2);
  });

  test('inspects: WIT, and the imports to paste', () => {
    const { status, stdout } = command('inspect', pathOf('conformance'));
    expect(status).toBe(0);
    expect(stdout).toContain('export hl:conformance/run@1.0.0;');
    expect(stdout).toContain("'hl:conformance/host': {");
    expect(stdout).toContain('transform(text) {');
    expect(stdout).not.toContain("'wasi:");
  });

  test('compiles ahead of time, once', () => {
    expect(command('compile', pathOf('counter')).stdout).toMatch(/^[0-9a-f]{64} /);
    expect(command('compile', pathOf('counter')).stdout).toContain('was compiled already');
  });

  test('the doctor finds nothing', () => {
    expect(command('doctor').stdout).not.toContain('FAIL');
    expect(JSON.parse(command('doctor', '--json').stdout)).toMatchObject({ ok: true });
  });
});
