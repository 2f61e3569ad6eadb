// The built package's pools in processes of their own: what keeps such a process alive, and what is left of a pool
// that was dropped.
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { pathOf } from './components.ts';
import { dist, run, THREADS } from './programs.ts';

const HEAD = `import { Pool } from ${JSON.stringify(dist('index.mjs'))};
  ${THREADS}
  const breathe = () => new Promise((resolve) => setTimeout(resolve, 10));
  const component = ${JSON.stringify(pathOf('counter'))};
  const traps = ${JSON.stringify(pathOf('traps'))};`;

describeWithKvm('a process', () => {
  test('ends by itself with an idle pool that was not closed, also one that can shrink', () => {
    const program = `${HEAD}
      const pool = await Pool.create({ component, min: 1, max: 3, idleTimeoutMs: 60_000 });
      const contexts = await Promise.all([pool.context(), pool.context(), pool.context()]);
      await Promise.all(contexts.map((context) => context.finish()));
      console.log(pool.stats.size, await pool.exports.next());`;
    expect(run(program)).toBe('3 1\n');
  });

  test('waits for calls that are under way or queued, and for close()', () => {
    const program = `${HEAD}
      const pool = await Pool.create({ component: traps, size: 2 });
      const spinning = pool.with({ timeoutMs: 1_000 }).exports;
      const calls = [spinning.spin(), spinning.spin(), pool.exports.load(0)];
      for (const call of calls.slice(0, 2)) call.catch((error) => console.log(error.code));
      calls[2].then(async (value) => { await pool.close(); console.log(value, pool.stats.size); });`;
    expect(run(program)).toBe('ERR_HL_TIMEOUT\nERR_HL_TIMEOUT\n0 0\n');
  });

  test('loses the VMs of a pool that was dropped, but not under a call', () => {
    const program = `${HEAD}
      await (async () => { await (await Pool.create({ component, size: 4 })).exports.next(); })();
      const spinning = Pool.create({ component: traps, size: 2, limits: { timeoutMs: 300 } }).then((pool) => pool.exports.spin());
      const code = spinning.catch((error) => error.code);
      const kept = (await Pool.create({ component, size: 2 })).exports;
      const most = threads();
      while (threads() > 2) { gc(); await breathe(); }
      console.log(most > 2, await code, await kept.next());`;
    expect(run(program, 'mjs', ['--expose-gc'])).toBe('true ERR_HL_TIMEOUT 1\n');
  });

  test('gets the VM of a context back that was dropped without finish()', () => {
    const program = `${HEAD}
      const pool = await Pool.create({ component, size: 1 });
      await (async () => { await (await pool.context()).exports.next(); })();
      while (pool.stats.idle === 0) { gc(); await breathe(); }
      console.log(await pool.exports.next());`;
    expect(run(program, 'mjs', ['--expose-gc'])).toBe('1\n');
  });

  test('keeps nothing of a pool that was closed', () => {
    const program = `${HEAD}
      const closed = [];
      await (async () => {
        for (let i = 0; i < 3; i++) {
          const pool = await Pool.create({ component, size: 2 });
          await pool.exports.next();
          await pool.close();
          closed.push(new WeakRef(pool), new WeakRef(pool.exports));
        }
      })();
      const kept = () => closed.filter((one) => one.deref() !== undefined).length;
      for (let round = 0; round < 100 && kept() > 0; round++) { await breathe(); gc(); }
      console.log(kept());`;
    expect(run(program, 'mjs', ['--expose-gc'])).toBe('0\n');
  });
});
