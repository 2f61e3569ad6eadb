// Owns what a guest in JavaScript answers: values as they are, told, made in whatever form is taken, and relayed to the host.
import { WitError } from '@hl/guest-js/guest';
import { otherForm } from './forms.mjs';
import { keyOf, makeValue, type Next, type RandomType, random, randomTypes, tell } from './types.mjs';

type Functions = Record<string, (...args: never[]) => unknown>;

export function serve(count: number, typesSeed: number, host: Functions): Functions {
  const { types } = randomTypes(count, typesSeed, false);
  const made = (type: RandomType, seed: number, count: number): unknown[] => {
    const [next, forms]: Next[] = [random(seed), random(seed)];
    return Array.from({ length: count }, (_, at) => {
      const value = makeValue(type, next!);
      return at % 2 === 0 ? value : otherForm(type, value, forms!, true);
    });
  };
  const functions = types.flatMap((type, index) => [
    [keyOf('echo', index), (values: unknown[]) => values],
    [keyOf('tell', index), (value: unknown) => tell(type, value)],
    [keyOf('make', index), (seed: number, count: number) => made(type, seed, count)],
  ]);
  return {
    ...Object.fromEntries(functions),
    relay: (index: number, seed: number, count: number) => {
      const type = types[index]!;
      const swap = host[keyOf('swap', index)] as (value: unknown) => unknown;
      return made(type, seed, count).map((value) =>
        tell(
          type,
          received(type, () => swap(value)),
        ),
      );
    },
  };
}

/** What was returned, or thrown as the err case, as a value of the type. */
function received(type: RandomType, call: () => unknown): unknown {
  if (type.kind !== 'result') return call();
  try {
    return { tag: 'ok', val: call() };
  } catch (error) {
    if (!(error instanceof WitError)) throw error;
    return { tag: 'err', val: error.payload };
  }
}
