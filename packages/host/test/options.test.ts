// Options that are wrong are named; nothing else happens.
import { beforeEach, expect, test } from 'vitest';
import { replaceNative } from '../src/binding.ts';
import { HypervisorUnavailableError, Sandbox } from '../src/index.ts';
import { createFake, installFake } from './fake/world.ts';

beforeEach(() => {
  installFake();
});

test.each([
  [undefined, TypeError, 'options: expected object, got undefined'],
  [{}, TypeError, 'component: it is required'],
  [{ component: 'x', compnent: 'x' }, TypeError, 'compnent: there is no such option; there are component,'],
  [{ component: 'x', snapshot: {} }, TypeError, 'snapshot: expected what sandbox.snapshot()'],
  [{ component: 'x', wasi: 3 }, TypeError, 'wasi: expected object, got number'],
  [{ component: 'x', reset: 'none' }, TypeError, "reset: expected 'full' or 'memory', got 'none'"],
  [{ component: 'x', reset: true }, TypeError, "reset: expected 'full' or 'memory', got boolean"],
  [{ component: 'x', limits: 5 }, TypeError, 'limits: expected object, got number'],
  [
    { component: 'x', limits: { timeout: 5 } },
    TypeError,
    'limits.timeout: no such limit; there are timeoutMs,',
  ],
  [
    { component: 'x', limits: { timeoutMs: 0 } },
    RangeError,
    'limits.timeoutMs: expected more than 0 milliseconds',
  ],
  [
    { component: 'x', limits: { timeoutMs: '5' } },
    TypeError,
    'limits.timeoutMs: expected number, got string',
  ],
  [
    { component: 'x', limits: { memoryBytes: 5 } },
    RangeError,
    'limits.memoryBytes: expected a whole number from MiB(16)',
  ],
  [{ component: 'x', limits: { memoryBytes: Infinity } }, RangeError, 'limits.memoryBytes'],
  [
    { component: 'x', limits: { maxQueue: -1 } },
    RangeError,
    'limits.maxQueue: expected a whole number from 0 up',
  ],
  [{ component: 'x', imports: 5 }, TypeError, 'imports: expected object, got number'],
  [{ component: 'x', stdout: true }, TypeError, "stdout: expected function or 'inherit', got boolean"],
  [{ component: 'x', warmup: 5 }, TypeError, 'warmup: expected function, got number'],
  [{ component: 'x', signal: {} }, TypeError, 'signal: expected AbortSignal, got object'],
  [{ component: 'x', world: {} }, TypeError, 'world: expected what @hl/bindgen wrote'],
])('%o', async (options, ErrorClass, message) => {
  const error = await Sandbox.create(options as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ErrorClass);
  expect((error as Error).message).toContain(message);
});

test('what is put back between calls, and the CPU time of each, reach the VM', async () => {
  const { binding } = installFake();
  await createFake();
  await createFake({ reset: 'full' });
  await createFake({ reset: 'memory', limits: { cpuTimeoutMs: 50 } });
  const told = binding.created.map(({ resetMemory, cpuTimeoutMs }) => [resetMemory, cpuTimeoutMs]);
  expect(told).toEqual([
    [false, 0],
    [false, 0],
    [true, 50],
  ]);
});

test('Infinity is a limit that can be asked for', async () => {
  const limits = {
    timeoutMs: Infinity,
    cpuTimeoutMs: Infinity,
    maxHostCalls: Infinity,
    maxReplyBytes: Infinity,
  };
  const sandbox = await createFake({ limits });
  expect(await sandbox.exports.count()).toBe(1);
});

test('with() takes signal and timeoutMs, and names anything else', async () => {
  const sandbox = await createFake();
  expect(() => sandbox.with({ timeout: 5 } as never)).toThrow(
    'with: there is no option timeout; there are signal, timeoutMs',
  );
  expect(() => sandbox.with({ timeoutMs: -5 })).toThrow(RangeError);
});

test('an aborted signal creates nothing', async () => {
  await expect(createFake({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_HL_ABORT' });
});

test('aborting while the VM starts rejects at once, and takes the VM down', async () => {
  const { binding } = installFake();
  const abort = new AbortController();
  const onProgress = ({ stage }: { stage: string }) => {
    if (stage === 'start') setImmediate(() => abort.abort('never mind'));
  };
  await expect(createFake({ signal: abort.signal, onProgress })).rejects.toMatchObject({
    cause: 'never mind',
  });
  await expect.poll(() => binding.sandboxes[0]!.closed).toBe(true);
});

test('an add-on that refuses to make a sandbox is an error of ours with its cause', async () => {
  const { binding } = installFake();
  const cause = new Error('too many sandboxes: close some');
  Object.assign(binding, {
    createSandbox: () => {
      throw cause;
    },
  });
  await expect(createFake()).rejects.toMatchObject({ code: 'ERR_HL_INTERNAL', cause });
});

test('a VM that cannot start is an error that says why', async () => {
  const { binding } = installFake();
  binding.createError = { code: 'unavailable', reason: 'permission', message: 'cannot open /dev/kvm' };
  const error = await createFake().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HypervisorUnavailableError);
  expect(error).toMatchObject({ reason: 'permission', hint: expect.stringContaining('group kvm') });
  binding.createError = { code: 'load', message: 'start function trapped' };
  await expect(createFake()).rejects.toMatchObject({ code: 'ERR_HL_COMPONENT_START' });
});

test('without the add-on, create says which package is missing', async () => {
  replaceNative({
    ok: false,
    reason: 'addon-missing',
    message: 'the package is not installed',
    hint: 'install it',
  });
  const error = await createFake().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HypervisorUnavailableError);
  expect(error).toMatchObject({
    code: 'ERR_HL_HYPERVISOR_UNAVAILABLE',
    reason: 'addon-missing',
    hint: 'install it',
  });
});
