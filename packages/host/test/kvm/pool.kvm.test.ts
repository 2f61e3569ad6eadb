// Pools of real VMs: nothing is lost or mixed up whatever happens, nobody sees another's state, all work at once.
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { replaceNative } from '../../src/binding.ts';
import { type HyperlightError, Pool } from '../../src/index.ts';
import { type ComponentName, hostWith, pathOf } from './components.ts';

/** A pool of real VMs, ended after the test. */
async function poolOf(name: ComponentName, options: object = {}): Promise<Pool> {
  replaceNative(undefined);
  const imports = name === 'conformance' ? hostWith() : {};
  const pool = await Pool.create({ component: pathOf(name), imports, ...options });
  onTestFinished(() => pool.close({ timeoutMs: 0 }));
  return pool;
}

/** Random numbers below `n` that a seed repeats: xorshift. */
function randomOf(seed: number): (n: number) => number {
  let state = seed || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const codeOf = (error: unknown): string => (error as HyperlightError).code;

const CALLS = 10_000;
const AT_ONCE = 16;

describeWithKvm('a pool', () => {
  // A reply that is lost is a call that never ends, and the test with it.
  test.each(['full', 'memory'])(
    `loses and mixes no reply in ${CALLS} calls with random cancels, timeouts and traps: reset '%s'`,
    async (reset) => {
      const seed = Number(process.env['HL_SEED'] ?? Date.now() % 2 ** 31);
      console.log(`seed ${seed} (HL_SEED repeats it)`);
      const random = randomOf(seed);
      // One half is answered before the call has been left, the other by an event.
      const transform = (text: string): unknown =>
        text.length % 2 === 0 ? `${text}!` : new Promise((resolve) => setImmediate(resolve, `${text}!`));
      const pool = await poolOf('conformance', { size: 4, reset, imports: hostWith({ transform }) });
      const { run, echo } = pool.exports;
      const wrong: string[] = [];
      const seen = { answers: 0, traps: 0, aborts: 0, timeouts: 0 };
      let next = 0;

      const one = async (id: number): Promise<void> => {
        const kind = random(100);
        const expectValue = (value: unknown, expected: unknown): void => {
          seen.answers++;
          if (value !== expected)
            wrong.push(
              `call ${id}: ${String(value).slice(0, 80)} in place of ${String(expected).slice(0, 80)}`,
            );
        };
        if (kind < 50) return expectValue(await run.add(id, 1), id + 1);
        if (kind < 65) return expectValue(await echo.echoString(`call ${id}`), `call ${id}`);
        // Longer than the buffers that both sides share.
        if (kind < 68)
          return expectValue(
            await echo.echoString(`call ${id} `.repeat(10_000)),
            `call ${id} `.repeat(10_000),
          );
        if (kind < 80) return expectValue(await run.hostTransform(`call ${id}`), `call ${id}!`);
        if (kind < 90) return expectValue(await run.counterNext(), 1);
        if (kind === 90) {
          await pool
            .with({ timeoutMs: 1 + random(5) })
            .exports.run.spin()
            .catch((error: unknown) => {
              if (codeOf(error) === 'ERR_HL_TIMEOUT') seen.timeouts++;
              else throw error;
            });
          return;
        }
        if (kind < 96) {
          await run.panic(`call ${id}`).catch((error: unknown) => {
            if (codeOf(error) === 'ERR_HL_TRAP') seen.traps++;
            else throw error;
          });
          return;
        }
        const stop = new AbortController();
        const view = pool.with({ signal: stop.signal, timeoutMs: 1_000 }).exports;
        const call = kind === 99 ? view.run.spin() : view.run.add(id, 2);
        if (random(2) === 0) setImmediate(() => stop.abort(id));
        else setTimeout(() => stop.abort(id), random(4));
        await call.then(
          (value: unknown) => expectValue(value, id + 2),
          (error: unknown) => {
            if (codeOf(error) !== 'ERR_HL_ABORT') throw error;
            if ((error as HyperlightError).cause !== id) wrong.push(`call ${id}: aborted as another`);
            seen.aborts++;
          },
        );
      };
      const lane = async (): Promise<void> => {
        while (next < CALLS) await one(++next);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));

      console.log(JSON.stringify(seen));
      expect(wrong, `seed ${seed}`).toEqual([]);
      expect(seen.answers + seen.traps + seen.aborts + seen.timeouts, `seed ${seed}`).toBe(CALLS);
      expect(Math.min(seen.traps, seen.aborts, seen.timeouts)).toBeGreaterThan(0);
      expect(pool.stats).toMatchObject({ size: 4, waiting: 0, lost: 0 });
    },
  );

  test('never lends a VM that has not been reset, however contexts and calls alternate', async () => {
    const pool = await poolOf('counter', { size: 3 });
    const direct = async (): Promise<void> => {
      for (let call = 0; call < 200; call++) expect(await pool.exports.next()).toBe(1);
    };
    const inContexts = async (): Promise<void> => {
      for (let round = 0; round < 60; round++) {
        const context = await pool.context();
        const counts = [];
        for (let call = 0; call <= round % 4; call++) counts.push(await context.exports.next());
        expect(counts).toEqual([1, 2, 3, 4].slice(0, (round % 4) + 1));
        // Some are finished while a call is under way, and not waited for.
        if (round % 3 === 0) void context.exports.next();
        const finished = context.finish();
        if (round % 2 === 0) await finished;
      }
    };
    await Promise.all([direct(), direct(), direct(), inContexts(), inContexts()]);
    await pool.close();
    expect(pool.stats).toMatchObject({ waitedInVain: 0, lost: 0 });
    expect(pool.stats.resets).toBeGreaterThan(pool.stats.calls / 2);
  });

  test('all its VMs work at once', async () => {
    const arrived: (() => void)[] = [];
    // Answers nobody before all have asked.
    const transform = (text: string): Promise<string> =>
      new Promise((resolve) => {
        arrived.push(() => resolve(`${text}!`));
        if (arrived.length === 3) for (const answer of arrived) answer();
      });
    const pool = await poolOf('conformance', { size: 3, imports: hostWith({ transform }) });
    const calls = ['a', 'b', 'c'].map((text) => pool.exports.run.hostTransform(text));
    expect(await Promise.all(calls)).toEqual(['a!', 'b!', 'c!']);
  });

  test('after timeouts, traps and guests that take too much memory it is as large as before', async () => {
    const pool = await poolOf('conformance', { size: 2, limits: { memoryBytes: 64 * 2 ** 20 } });
    const { run } = pool.exports;
    const bad = [
      pool.with({ timeoutMs: 30 }).exports.run.spin(),
      run.panic('on purpose'),
      run.grow(2n ** 31n),
      pool.with({ timeoutMs: 30 }).exports.run.spin(),
      run.panic('again'),
    ];
    await Promise.allSettled(bad);
    const good = await Promise.all(Array.from({ length: 20 }, (_, index) => run.add(index, 1)));
    expect(good).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(pool.stats).toMatchObject({ size: 2, idle: 2, created: 2, lost: 0 });
  });

  test('a warm-up is the base state of every VM, of those that are made later, too', async () => {
    const warmup = async (context: { exports: { next(): Promise<number> } }): Promise<void> => {
      await context.exports.next();
    };
    const pool = await poolOf('counter', { min: 1, max: 3, warmup });
    const contexts = await Promise.all([pool.context(), pool.context(), pool.context()]);
    expect(pool.stats).toMatchObject({ size: 3, created: 3 });
    expect(await Promise.all(contexts.map((context) => context.exports.next()))).toEqual([2, 2, 2]);
    await Promise.all(contexts.map((context) => context.finish()));
    expect(await pool.exports.next()).toBe(2);
  });

  test('many more VMs than cores answer, and are closed', async () => {
    const pool = await poolOf('counter', { size: 40 });
    const contexts = await Promise.all(Array.from({ length: 40 }, () => pool.context()));
    const answers = await Promise.all(contexts.map((context) => context.exports.next()));
    expect(answers).toEqual(answers.map(() => 1));
    await Promise.all(contexts.map((context) => context.finish()));
    await pool.close();
    expect(pool.stats).toMatchObject({ size: 0, idle: 0 });
  });
});
