// Owns what the programs share: the components, and host functions for them.
import { fileURLToPath } from 'node:url';

export const component = fileURLToPath(new URL('../../components/dist/conformance.wasm', import.meta.url));

export const counter = fileURLToPath(new URL('../../components/dist/counter.wasm', import.meta.url));

export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Imports of the conformance component, some of them replaced. */
export const importsWith = (replaced = {}) => ({
  'hl:conformance/host': {
    add: (a, b) => a + b,
    notify: () => undefined,
    transform: (text) => text.toUpperCase(),
    describe: (people) => people.map((one) => one.name).join(),
    manyParameters: (...all) => all.slice(0, 3),
    ...replaced,
  },
});
