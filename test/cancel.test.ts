// Owns what becomes of calls that somebody ends: by a signal, by the deadline, by closing; at any moment there is. Told
// by the order of events, never by time.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Component, Sandbox } from '@hl/host';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from './support/kvm.js';

const component = fileURLToPath(new URL('./components/dist/conformance.wasm', import.meta.url));

type Options = Parameters<Sandbox['with']>[0];

interface Scene {
  readonly sandbox: Sandbox;
  /** What the host functions saw, in order. */
  readonly events: string[];
  /** Resolves when the guest has called the host function that waits. */
  readonly asked: Promise<void>;
  /** Lets that host function answer. */
  readonly answer: () => void;
}

async function sceneOf(reset: 'full' | 'memory', limits: object = {}): Promise<Scene> {
  const events: string[] = [];
  const asked = withResolvers();
  const answered = withResolvers();
  const host = {
    add: (a: number, b: number) => a + b,
    notify: () => void events.push('notified'),
    transform: async (text: string) => {
      events.push('asked');
      asked.resolve();
      await answered.promise;
      events.push('answered');
      return text;
    },
    describe: () => '',
    manyParameters: (...all: unknown[]) => all.slice(0, 3),
  };
  const imports = { 'hl:conformance/host': host };
  const sandbox = await Sandbox.create({ component, imports, reset, limits });
  onTestFinished(() => sandbox.close());
  return { sandbox, events, asked: asked.promise, answer: answered.resolve };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);
const breathe = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A way to end a call: what it is called with, how it is ended, and the error then. */
interface Way {
  readonly options: Options;
  readonly end: (scene: Scene) => Promise<void> | void;
  readonly error: object;
  readonly closes?: true;
}

const WAYS: Record<string, () => Way> = {
  signal: () => {
    const stop = new AbortController();
    const error = { code: 'ERR_HL_ABORT', cause: 'enough' };
    return { options: { signal: stop.signal }, end: () => stop.abort('enough'), error };
  },
  deadline: () => ({
    options: { timeoutMs: 60 },
    end: () => undefined,
    error: { code: 'ERR_HL_TIMEOUT', limitMs: 60 },
  }),
  'close()': () => ({
    options: {},
    end: ({ sandbox }) => void sandbox.close(),
    error: { code: 'ERR_HL_CLOSED' },
    closes: true,
  }),
};

type Moment = (scene: Scene, way: Way) => Promise<unknown>;

/** Each starts a call, has it ended at that moment, and gives what became of it. */
const MOMENTS: Record<string, Moment> = {
  'while it waits for its turn': async (scene, way) => {
    const before = settled(scene.sandbox.exports.run.hostTransform('x'));
    await scene.asked;
    const call = settled(scene.sandbox.with(way.options).exports.run.hostNotify());
    await way.end(scene);
    const error = await call;
    scene.answer();
    await before;
    // It never ran.
    expect(scene.events).not.toContain('notified');
    return error;
  },
  'while the guest runs': async (scene, way) => {
    const call = settled(scene.sandbox.with(way.options).exports.run.spin());
    await breathe(20);
    await way.end(scene);
    return call;
  },
  'while the guest sleeps': async (scene, way) => {
    const call = settled(scene.sandbox.with(way.options).exports.run.sleepMs(60_000));
    await breathe(20);
    await way.end(scene);
    return call;
  },
  'during a host function': async (scene, way) => {
    const call = settled(scene.sandbox.with(way.options).exports.run.hostTransform('x'));
    await scene.asked;
    await way.end(scene);
    const error = await call;
    expect(scene.events).toEqual(['asked']);
    // What it answers now is dropped.
    scene.answer();
    await breathe();
    expect(scene.events).toEqual(['asked', 'answered']);
    return error;
  },
  'while the VM is put back after another': async (scene, way) => {
    // It touches megabytes that have to be put back before the next begins.
    const before = settled(scene.sandbox.exports.run.grow(32n << 20n));
    const call = settled(scene.sandbox.with(way.options).exports.run.spin());
    await before;
    await way.end(scene);
    return call;
  },
  'while output is written': async (scene, way) => {
    const printing = scene.sandbox.with(way.options).exports.run;
    const call = settled(
      (async () => {
        for (;;) await printing.print('text\n'.repeat(1_000));
      })(),
    );
    if (way.options.timeoutMs !== undefined) return settled(printing.spin());
    await breathe(20);
    await way.end(scene);
    return call;
  },
};

for (const reset of ['full', 'memory'] as const) {
  describeWithKvm(`a call, reset: '${reset}'`, () => {
    for (const [name, wayOf] of Object.entries(WAYS)) {
      test.each(Object.entries(MOMENTS))(`is ended by ${name} %s`, async (_moment, act) => {
        const scene = await sceneOf(reset);
        const way = wayOf();
        expect(await act(scene, way)).toMatchObject(way.error);
        if (way.closes) {
          await scene.sandbox.close();
          expect(await settled(scene.sandbox.exports.run.add(1, 2))).toMatchObject({ code: 'ERR_HL_CLOSED' });
        } else {
          // The next call begins where every call begins.
          expect(await scene.sandbox.exports.run.counterNext()).toBe(1);
          expect(await scene.sandbox.exports.run.add(1, 2)).toBe(3);
        }
      });
    }

    test('is not begun where the signal is aborted already', async () => {
      const { sandbox, events } = await sceneOf(reset);
      const { run } = sandbox.with({ signal: AbortSignal.abort('before') }).exports;
      expect(await settled(run.hostNotify())).toMatchObject({ code: 'ERR_HL_ABORT', cause: 'before' });
      expect(events).toEqual([]);
    });

    test('that is ended as it answers, answers or is ended, and the next one is right', async () => {
      const { sandbox } = await sceneOf(reset);
      const codes = new Set<unknown>();
      for (let turn = 0; turn < 300; turn++) {
        const stop = new AbortController();
        const { run } = sandbox.with({ signal: stop.signal, timeoutMs: 1 + (turn % 3) }).exports;
        const call = settled(run.sleepMs(turn % 4));
        if (turn % 2 === 0) setTimeout(() => stop.abort(), turn % 4);
        const outcome = (await call) as { code?: string } | undefined;
        codes.add(outcome?.code);
        expect(await sandbox.exports.run.add(turn, 1)).toBe(turn + 1);
      }
      const known = ['ERR_HL_ABORT', 'ERR_HL_TIMEOUT', undefined];
      expect([...codes].filter((code) => !known.includes(code as string))).toEqual([]);
      expect(codes.size).toBeGreaterThan(1);
    });

    test('in a context that is ended, ends the context, and the sandbox goes on', async () => {
      for (const name of ['signal', 'deadline']) {
        const scene = await sceneOf(reset);
        const context = await scene.sandbox.context();
        expect(await context.exports.run.counterNext()).toBe(1);
        const way = WAYS[name]!();
        const call = settled(context.with(way.options).exports.run.spin());
        await breathe(20);
        await way.end(scene);
        expect(await call).toMatchObject(way.error);
        expect(await settled(context.exports.run.counterNext())).toMatchObject({
          code: 'ERR_HL_CLOSED',
        });
        await context.finish();
        expect(await scene.sandbox.exports.run.counterNext()).toBe(1);
      }
    });
  });
}

/** Host functions that are not called. */
const silent = {
  add: () => 0,
  notify: () => undefined,
  transform: () => '',
  describe: () => '',
  manyParameters: () => [0, '', 0n],
};

describeWithKvm('making a sandbox', () => {
  /** A component that no cache knows: a custom section makes it another. */
  function unknownComponent(): Uint8Array {
    const name = Buffer.from(`hl-${process.hrtime.bigint()}`);
    const section = Buffer.concat([Buffer.from([0, name.length + 1, name.length]), name]);
    return new Uint8Array(Buffer.concat([readFileSync(component), section]));
  }

  test.each(['compile', 'start'])('is ended by a signal while it is at this stage: %s', async (stage) => {
    const stop = new AbortController();
    const stages: string[] = [];
    const creating = Sandbox.create({
      component: stage === 'compile' ? unknownComponent() : component,
      imports: { 'hl:conformance/host': silent },
      signal: stop.signal,
      onProgress: (progress: { stage: string }) => {
        stages.push(progress.stage);
        if (progress.stage === stage) stop.abort('enough');
      },
    } as never);
    expect(await settled(creating)).toMatchObject({ code: 'ERR_HL_ABORT', cause: 'enough' });
    expect(stages.at(-1)).toBe(stage);
  });

  test('compiling that nobody waits for is killed, and can be begun again', async () => {
    const bytes = unknownComponent();
    const stop = new AbortController();
    const loading = settled(Component.load(bytes, { signal: stop.signal }));
    await breathe(20);
    stop.abort('enough');
    expect(await loading).toMatchObject({ code: 'ERR_HL_ABORT', cause: 'enough' });
    expect((await Component.load(bytes)).hash).toMatch(/^[0-9a-f]+$/);
  });

  test('is ended by its deadline, in a warm-up too', async () => {
    const creating = Sandbox.create({
      component,
      imports: { 'hl:conformance/host': silent },
      limits: { timeoutMs: 2_000 },
      warmup: ({ exports }: { exports: Sandbox['exports'] }) => exports.run.spin() as Promise<void>,
    });
    expect(await settled(creating)).toMatchObject({ code: 'ERR_HL_TIMEOUT' });
  });
});
