// Owns how values and failures pass between the author's code and StarlingMonkey.
import type { Codec } from './codec.js';
import type { Engine } from './engine.js';
import { checked, typedArrays } from './primitives.js';

/** The engine hands a negative s64 over as the u64 with the same bits. */
const s64: Codec = { lift: (value: bigint) => BigInt.asIntN(64, value), lower: checked.s64.lower };

/** No Error: the engine would write its stack, which is all ours, below the author's. `@hl/host` knows this word. */
const STOPPED = 'stopped';

export const engine: Engine = {
  dialect: { primitives: { ...checked, s64 }, typedArrays, tagsNestedOptions: false },
  awaits: true,
  returnsLoans: false,
  tagsRenamedResults: true,
  // Always tagged: the engine would take a payload with a `tag` of its own for the result itself.
  returned: (value) => ({ tag: 'ok', val: value }),
  failed: (payload) => ({ tag: 'err', val: payload }),
  trap: (text, isResult) => {
    console.error(text);
    // An exception would be taken for the error case; one that comes while the value is read is not.
    if (isResult)
      return {
        tag: 'ok',
        get val() {
          throw STOPPED;
        },
      };
    throw STOPPED;
  },
  report: (text) => console.error(text),
};
