// Owns how values and failures pass between the author's code and QuickJS.
import type { Codec } from './codec.js';
import type { Engine } from './engine.js';
import { checked, typedArrays } from './primitives.js';
import { stop, writeError } from './quickjs-wasi.js';

type Checked = (value: unknown) => unknown;

/** The engine reads any number as a 32-bit signed integer and saturates, so it gets exactly that. */
function int32({ lower }: Codec): Codec {
  return { lower: (value) => ((lower as Checked)(value) as number) | 0 };
}

/** The engine hands a u32 over as if it were an s32. */
const u32: Codec = { lift: (value: number) => value >>> 0, lower: int32(checked.u32).lower };

/**
 * The engine knows 64-bit integers as `number` only. The component is patched after the build so that they
 * pass as hexadecimal text instead (see wasm/quickjs-wide-integers.ts).
 */
const u64: Codec = {
  lift: (value: string) => BigInt(`0x${value}`),
  lower: (value) => (checked.u64.lower(value) as bigint).toString(16),
};
const s64: Codec = {
  lift: (value: string) => BigInt.asIntN(64, BigInt(`0x${value}`)),
  lower: (value) => BigInt.asUintN(64, checked.s64.lower(value) as bigint).toString(16),
};

export const engine: Engine = {
  dialect: {
    primitives: {
      ...checked,
      u8: int32(checked.u8),
      s8: int32(checked.s8),
      u16: int32(checked.u16),
      s16: int32(checked.s16),
      s32: int32(checked.s32),
      u32,
      u64,
      s64,
    },
    typedArrays,
    tagsNestedOptions: true,
  },
  awaits: false,
  returnsLoans: true,
  tagsRenamedResults: false,
  returned: (value) => value,
  failed: (payload) => {
    throw { payload };
  },
  trap: (text) => {
    writeError(`${text}\n`);
    stop();
  },
  report: (text) => writeError(`${text}\n`),
};
