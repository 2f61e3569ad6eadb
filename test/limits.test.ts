// Owns the proof of every limit: what reaches it is stopped with the error of that limit, and the sandbox goes on as if
// nothing had been; and no limit is taken that cannot be kept.
import { fileURLToPath } from 'node:url';
import {
  ContextOpenError,
  KiB,
  LimitError,
  type Limits,
  MiB,
  Pool,
  Sandbox,
  TimeoutError,
  TrapError,
} from '@hl/host';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeWithKvm } from './support/kvm.js';

const component = (name: string): string =>
  fileURLToPath(new URL(`./components/dist/${name}.wasm`, import.meta.url));

const never = (): Promise<never> => new Promise(() => undefined);

const host = {
  add: (a: number, b: number): unknown => a + b,
  notify: (): unknown => undefined,
  transform: (text: string): unknown => text,
  describe: (people: readonly unknown[]): unknown => `${people.length}`,
  manyParameters: (...all: unknown[]): unknown => all.slice(0, 3),
};

/** What the handles component imports, and does not call here. */
const unused = {
  Connection: class {
    send = (text: string): string => text;
    static best(): never {
      throw new Error('not called');
    }
  },
  open: never,
  handOver: never,
  show: never,
};

type Exports = Sandbox['exports'];

interface Row {
  readonly limits: Limits;
  /** In place of a host function that answers at once. */
  readonly host?: Partial<typeof host>;
  readonly call: (exports: Exports, sandbox: Sandbox) => Promise<unknown>;
  readonly error: object;
}

const late = (limits: Limits, kind: string): object => ({
  code: 'ERR_HL_TIMEOUT',
  constructor: TimeoutError,
  kind,
  limitMs: kind === 'cpu' ? limits.cpuTimeoutMs : limits.timeoutMs,
});

const over = (limit: keyof Limits): object => ({
  code: 'ERR_HL_LIMIT',
  constructor: LimitError,
  limit,
  message: expect.stringContaining(limit),
});

const person = { name: 'x'.repeat(1_000), age: 1, tags: [], home: [0, 0] };
const SHORT = { timeoutMs: 1_000 };
const CPU = { cpuTimeoutMs: 50 };

const ROWS: Record<string, Row> = {
  'timeoutMs, by a guest that loops': {
    limits: SHORT,
    call: ({ run }) => run.spin(),
    error: late(SHORT, 'wall'),
  },
  'timeoutMs, by a guest that sleeps': {
    limits: SHORT,
    call: ({ run }) => run.sleepMs(60_000),
    error: late(SHORT, 'wall'),
  },
  'timeoutMs, by a host function that waits': {
    limits: SHORT,
    host: { transform: never },
    call: ({ run }) => run.hostTransform('x'),
    error: late(SHORT, 'wall'),
  },
  'timeoutMs, in the queue': {
    limits: { timeoutMs: 1_000 },
    host: { transform: never },
    call: async ({ run }, sandbox) => {
      const first = run.hostTransform('x').catch(() => undefined);
      try {
        return await sandbox.with({ timeoutMs: 50 }).exports.run.add(1, 2);
      } finally {
        await first;
      }
    },
    error: { ...late({ timeoutMs: 50 }, 'queue') },
  },
  'cpuTimeoutMs, by a guest that loops': {
    limits: CPU,
    call: ({ run }) => run.spin(),
    error: late(CPU, 'cpu'),
  },
  'maxHostCalls, by one call too many': {
    limits: { maxHostCalls: 3 },
    call: ({ run }) => run.hostAdd(4),
    error: over('maxHostCalls'),
  },
  'maxHostCalls, where none is allowed': {
    limits: { maxHostCalls: 0 },
    call: ({ run }) => run.hostNotify(),
    error: over('maxHostCalls'),
  },
  'maxRequestBytes, by arguments': {
    limits: { maxRequestBytes: 1_000 },
    call: ({ echo }) => echo.echoString('x'.repeat(2_000)),
    error: over('maxRequestBytes'),
  },
  "maxRequestBytes, by a host function's result": {
    limits: { maxRequestBytes: 1_000 },
    host: { transform: () => 'x'.repeat(2_000) },
    call: ({ run }) => run.hostTransform('x'),
    error: over('maxRequestBytes'),
  },
  'maxReplyBytes, by a result': {
    limits: { maxReplyBytes: 1_000 },
    call: ({ echo }) => echo.echoString('x'.repeat(2_000)),
    error: over('maxReplyBytes'),
  },
  "maxReplyBytes, by a host function's arguments": {
    limits: { maxReplyBytes: 1_000 },
    call: ({ run }) => run.hostDescribe([person, person]),
    error: over('maxReplyBytes'),
  },
  'maxOutputBytes, on stdout': {
    limits: { maxOutputBytes: 100 },
    call: ({ run }) => run.print('x'.repeat(200)),
    error: over('maxOutputBytes'),
  },
  'maxOutputBytes, on stderr': {
    limits: { maxOutputBytes: 100 },
    call: ({ run }) => run.printError('x'.repeat(200)),
    error: over('maxOutputBytes'),
  },
  'maxQueue, by one call too many': {
    limits: { maxQueue: 1, timeoutMs: 200 },
    host: { transform: never },
    call: async ({ run }) => {
      const before = [run.hostTransform('x'), run.add(1, 2)].map((call) => call.catch(() => undefined));
      try {
        return await run.add(1, 2);
      } finally {
        await Promise.all(before);
      }
    },
    error: over('maxQueue'),
  },
  'contexts open, which is one': {
    limits: {},
    call: async (_exports, sandbox) => {
      const context = await sandbox.context();
      try {
        return await sandbox.context();
      } finally {
        await context.finish();
      }
    },
    error: { code: 'ERR_HL_CONTEXT_OPEN', constructor: ContextOpenError },
  },
};

async function sandboxOf(row: Row, reset: 'full' | 'memory'): Promise<Sandbox> {
  const { limits } = row;
  const imports = { 'hl:conformance/host': { ...host, ...row.host } };
  const sandbox = await Sandbox.create({ component: component('conformance'), imports, limits, reset });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => expect.fail(`expected an error, got ${String(answer)}`),
    (error: unknown) => error,
  );

for (const reset of ['full', 'memory'] as const) {
  describeWithKvm(`limits, reset: '${reset}'`, () => {
    test.each(Object.entries(ROWS))('%s', async (_name, row) => {
      const sandbox = await sandboxOf(row, reset);
      const { exports } = sandbox;
      expect(await exports.run.counterNext()).toBe(1);
      for (let turn = 0; turn < 3; turn++) {
        expect(await thrown(row.call(exports, sandbox))).toMatchObject(row.error);
        expect([await exports.run.counterNext(), await exports.run.add(1, 2)]).toEqual([1, 3]);
      }
    });

    test('in a context they end its state, and only that', async () => {
      const sandbox = await sandboxOf({ ...ROWS['maxHostCalls, by one call too many']! }, reset);
      const context = await sandbox.context();
      expect(await context.exports.run.counterNext()).toBe(1);
      expect(await thrown(context.exports.run.hostAdd(4))).toMatchObject(over('maxHostCalls'));
      expect(await thrown(context.exports.run.counterNext())).toMatchObject({ code: 'ERR_HL_CLOSED' });
      await context.finish();
      expect(await sandbox.exports.run.counterNext()).toBe(1);
    });

    test('maxReplyBytes, by few bytes that become many objects', async () => {
      const counts: number[] = [];
      const imports = { take: (values: unknown[]) => void counts.push(values.length) };
      const limits = { maxReplyBytes: KiB(16) };
      const sandbox = await Sandbox.create({ component: component('nested'), imports, limits, reset });
      onTestFinished(() => sandbox.close());
      const { exports } = sandbox;
      const full = {
        ...over('maxReplyBytes'),
        message: expect.stringMatching(/would take more than 327680 bytes/),
      };
      for (let turn = 0; turn < 3; turn++) {
        expect(await thrown(exports.make(1_000))).toMatchObject(full);
        expect(await thrown(exports.give(1_000))).toMatchObject(full);
        expect(await exports.make(1)).toEqual([[[[[[[[[false]]]]]]]]]);
        await exports.give(100);
      }
      const context = await sandbox.context();
      expect(await thrown(context.exports.make(1_000))).toMatchObject(full);
      expect(await thrown(context.exports.make(1))).toMatchObject({ code: 'ERR_HL_CLOSED' });
      await context.finish();
      expect(counts).toEqual([100, 100, 100]);
    });

    test('the stack, by a guest that calls itself', async () => {
      const sandbox = await Sandbox.create({ component: component('traps'), reset });
      onTestFinished(() => sandbox.close());
      for (let turn = 0; turn < 3; turn++) {
        const error = await thrown(sandbox.exports.stackOverflow(0));
        expect(error).toBeInstanceOf(TrapError);
        expect(error).toMatchObject({ trap: 'stack-overflow' });
        expect(await sandbox.exports.load(0)).toBe(0);
      }
    });

    test('memory: linear memories are refused more, as on a full machine; tables end the call', async () => {
      const limits = { memoryBytes: MiB(32) };
      const sandbox = await Sandbox.create({ component: component('tables'), limits, reset });
      onTestFinished(() => sandbox.close());
      const { exports } = sandbox;
      const most = MiB(32) / 65_536;
      const full = over('memoryBytes');
      for (let turn = 0; turn < 2; turn++) {
        expect(await exports.growMemory(most)).toBe(-1);
        expect(await thrown(exports.growTable(MiB(32) / 8))).toMatchObject(full);
        const context = await sandbox.context();
        let grown = 0;
        while ((await context.exports.growMemory(16)) >= 0) grown++;
        expect(grown).toBeGreaterThan(8);
        // Another memory has no room of its own.
        expect(await context.exports.growOther(16)).toBe(-1);
        await context.finish();
        const tables = await sandbox.context();
        const entries = (async () => {
          for (;;) await tables.exports.growTable(10_000);
        })();
        expect(await thrown(entries)).toMatchObject(full);
        await tables.finish();
        expect(await exports.growMemory(16)).toBe(1);
      }
    });

    test("memory: what the runtime keeps for a guest's resources counts as well", async () => {
      const limits = { memoryBytes: MiB(16), maxResources: Number.POSITIVE_INFINITY, timeoutMs: 60_000 };
      const imports = { 'hl:handles/connections': unused };
      const sandbox = await Sandbox.create({ component: component('handles'), limits, reset, imports });
      onTestFinished(() => sandbox.close());
      const context = await sandbox.context();
      const held: unknown[] = [];
      const error = await (async () => {
        for (;;) held.push(...(await context.exports.buckets.many(500)));
      })().catch((failure: unknown) => failure);
      expect(error).toMatchObject(over('memoryBytes'));
      expect(held.length).toBeGreaterThan(1_000);
      await context.finish();
      const again = await sandbox.context();
      await again.exports.buckets.open('one');
      await again.finish();
    });
  });
}

describeWithKvm('limits of a pool', () => {
  test('maxQueue, and contexts open, which are as many as VMs', async () => {
    const pool = await Pool.create({ component: component('counter'), size: 2, maxQueue: 0 });
    onTestFinished(() => pool.close());
    const contexts = await Promise.all([pool.context(), pool.context()]);
    for (const call of [pool.context(), pool.exports.next()]) {
      expect(await thrown(call as Promise<unknown>)).toMatchObject(over('maxQueue'));
    }
    await Promise.all(contexts.map((context) => context.finish()));
    expect(await pool.exports.next()).toBe(1);
  });
});

describe('values that no limit can have', () => {
  const whole = [Number.NaN, -1, 1.5, 2 ** 53, Number.NEGATIVE_INFINITY];
  const wrong = [null, '5', 5n, true, {}, [5]];
  const VALUES: Record<keyof Limits, readonly number[]> = {
    timeoutMs: [Number.NaN, 0, -1, Number.NEGATIVE_INFINITY],
    cpuTimeoutMs: [Number.NaN, 0, -1, Number.NEGATIVE_INFINITY],
    memoryBytes: [...whole, 0, MiB(16) - 1, 2 ** 36 + 1, Number.POSITIVE_INFINITY],
    maxHostCalls: whole,
    maxRequestBytes: whole,
    maxReplyBytes: whole,
    maxOutputBytes: whole,
    maxResources: whole,
    maxQueue: whole,
  };

  test.each(Object.entries(VALUES))('%s', async (name, values) => {
    const create = (value: unknown): Promise<unknown> =>
      thrown(Sandbox.create({ component: component('counter'), limits: { [name]: value } }));
    for (const value of values) {
      const error = await create(value);
      expect(error, String(value)).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        message: expect.stringMatching(`^limits.${name}: expected .*, got ${value}$`),
      });
    }
    for (const value of wrong) {
      const error = await create(value);
      expect(error, String(value)).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        message: expect.stringMatching(`^limits.${name}: expected number, got `),
      });
    }
  });
});
