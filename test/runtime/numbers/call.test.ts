// Numbers: 62 edge values of each type, flat, in lists, in memory, seen by the guest, and through the host.
import { expect, test } from 'vitest';
import { EDGES, edgesOf, NUMERIC, type Numeric } from '../support/edges.js';
import { eachRuntime } from '../support/runtimes.js';

const upper = (type: Numeric): string => type.toUpperCase();

const CLASSES = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** What the guest says of it: the number, or a float's bits. NaN has many. */
function textOf(type: Numeric, value: number | bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'f32') view.setFloat32(0, value as number);
  else if (type === 'f64') view.setFloat64(0, value as number);
  else return String(value);
  return String(type === 'f32' ? view.getUint32(0) : view.getBigUint64(0));
}

const arrayOf = (type: Numeric, values: readonly (number | bigint)[]): unknown =>
  (CLASSES[type] as unknown as { from(values: readonly unknown[]): unknown }).from(values);

test('there are 62 different edge values of each type', () => {
  for (const type of NUMERIC) {
    const different = new Set(edgesOf(type).map((value) => (Object.is(value, -0) ? '-0' : value)));
    expect(different.size, type).toBe(EDGES);
  }
});

eachRuntime('numbers', ({ sandbox }) => {
  const seen: unknown[] = [];
  const pass = (flat: unknown, listed: unknown): unknown => {
    seen.push([flat, listed]);
    return flat;
  };
  const host = Object.fromEntries(NUMERIC.map((type) => [`pass${upper(type)}`, pass]));
  // A context: what is asked here is not whether states are kept apart.
  const opened = async () => (await sandbox('numbers', { imports: { 'test:numbers/host': host } })).context();

  test.each(NUMERIC)('%s: each edge value comes back as it went', async (type) => {
    await using context = await opened();
    const { echo } = context.exports;
    for (const value of edgesOf(type)) {
      expect(await echo[`flat${upper(type)}`](value)).toBe(value);
      expect(await echo[`held${upper(type)}`]([true, value])).toEqual([value, true]);
      seen.length = 0;
      expect(await echo[`host${upper(type)}`](value)).toBe(value);
      expect(seen).toEqual([[value, arrayOf(type, [value, value])]]);
    }
    expect(await echo[`held${upper(type)}`]([false, undefined])).toEqual([undefined, false]);
  });

  test.each(NUMERIC)('%s: the guest sees each edge value as it is', async (type) => {
    await using context = await opened();
    for (const value of edgesOf(type).filter((one) => !Number.isNaN(one))) {
      expect(await context.exports.echo[`text${upper(type)}`](value)).toBe(textOf(type, value));
    }
  });

  test.each(NUMERIC)('%s: all of them in one list, as an array and as a typed one', async (type) => {
    await using context = await opened();
    const values = edgesOf(type);
    const typed = arrayOf(type, values);
    expect(await context.exports.echo[`list${upper(type)}`](values)).toEqual(typed);
    expect(await context.exports.echo[`list${upper(type)}`](typed)).toEqual(typed);
    expect(await context.exports.echo[`list${upper(type)}`]([])).toEqual(arrayOf(type, []));
  });

  test.each(NUMERIC.filter((type) => !type.startsWith('f')))(
    '%s: what lies beyond is refused by its path',
    async (type) => {
      await using context = await opened();
      const [min, max] = edgesOf(type).map(BigInt) as [bigint, bigint];
      const of = type.endsWith('64') ? (value: bigint) => value : Number;
      for (const beyond of [of(min - 1n), of(max + 1n)]) {
        const refused = expect.objectContaining({
          name: 'RangeError',
          message: expect.stringContaining(`: expected ${type}`),
        });
        await expect(context.exports.echo[`flat${upper(type)}`](beyond)).rejects.toEqual(refused);
        await expect(context.exports.echo[`list${upper(type)}`]([of(max), beyond])).rejects.toThrow(
          'args[0][1]: ',
        );
      }
    },
  );
});
