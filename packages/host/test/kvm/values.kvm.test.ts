// Every value type through a real guest and back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../../test/support/kvm.ts';
import { artifactOf } from '../../src/component.ts';
import { WitError } from '../../src/index.ts';
import { lowerCamel } from '../../src/names.ts';
import { valuesOf } from './arbitrary-of.ts';
import { hostWith, sandboxOf } from './components.ts';

describeWithKvm('values', () => {
  test('of every type come back from the guest as they went', async () => {
    const sandbox = await sandboxOf('conformance');
    const { types, exports } = artifactOf(sandbox.component).descriptor;
    const echoes = exports
      .flatMap((one) => one.functions)
      .filter(
        (one) => one.name.startsWith('echo-') && !['echo-result', 'echo-many-parameters'].includes(one.name),
      );
    expect(echoes.length).toBeGreaterThan(30);
    const echo = sandbox.exports.echo;
    for (const { name, params } of echoes) {
      const property = fc.asyncProperty(valuesOf(types, params[0]!.type), async (value) => {
        expect(await echo[lowerCamel(name)](value), name).toEqual(value);
      });
      await fc.assert(property, { numRuns: 30 });
    }
  });

  test('the ends of every integer type come back exactly', async () => {
    const { exports } = await sandboxOf('conformance');
    const rows: [string, unknown[]][] = [
      ['echoU32', [0, 2 ** 31 - 1, 2 ** 31, 3_000_000_000, 2 ** 32 - 1]],
      ['echoS32', [-(2 ** 31), -1, 2 ** 31 - 1]],
      ['echoU64', [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]],
      ['echoS64', [-(2n ** 63n), -1n, 2n ** 63n - 1n]],
    ];
    for (const [name, values] of rows) {
      for (const value of values) expect(await exports.echo[name](value)).toBe(value);
    }
  });

  test('parameters that travel in memory arrive in order', async () => {
    const { exports } = await sandboxOf('conformance');
    const args = [1, 'b', 3n, 0.5, 'e', -6, { x: 7, y: -7 }, 'h', Uint8Array.of(9), true, 'k'];
    expect(await exports.echo.echoManyParameters(...args)).toEqual(args);
    expect(await exports.run.hostManyParameters()).toEqual([1, 'two', 3n]);
  });

  test('payloads larger than the mailbox pass in both directions', async () => {
    const { exports } = await sandboxOf('conformance');
    const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => index * 7);
    expect(Buffer.compare(await exports.echo.echoBytes(bytes), bytes)).toBe(0);
    const text = 'höhe '.repeat(400_000);
    expect(await exports.echo.echoString(text)).toBe(text);
  });

  test('long bytes can be transferred, and a transfer leaves no other bytes behind', async () => {
    const { exports } = await sandboxOf('conformance');
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index * 7);
    const [first, second] = [await exports.echo.echoBytes(bytes), await exports.echo.echoBytes(bytes)];
    const moved = structuredClone(first, { transfer: [first.buffer] });
    expect(first).toHaveLength(0);
    expect(Buffer.compare(moved, bytes)).toBe(0);
    expect(Buffer.compare(second, bytes)).toBe(0);
  });

  test("the err case of a function's result is a WitError with its payload, as the guest made it", async () => {
    const { exports } = await sandboxOf('conformance');
    expect(await exports.echo.fail(0)).toBe(7);
    const payloads = [];
    for (const kind of [1, 2, 4_000_000_000]) {
      const error = await exports.echo.fail(kind).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WitError);
      payloads.push((error as WitError).payload);
    }
    expect(payloads).toEqual([
      { tag: 'not-found', val: 'sku' },
      { tag: 'denied' },
      { tag: 'code', val: 4_000_000_000 },
    ]);
  });

  test('a host function answers the err case by throwing a WitError', async () => {
    const describe = () => {
      throw new WitError({ tag: 'not-found', val: 'nobody' });
    };
    const { exports } = await sandboxOf('conformance', { imports: hostWith({ describe }) });
    await expect(exports.run.hostDescribe([])).rejects.toMatchObject({
      payload: { tag: 'not-found', val: 'nobody' },
    });
  });
});
