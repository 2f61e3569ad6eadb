// Owns what an application must be able to write with a world's types, and what must not compile.

import { lists } from '../golden/lists.js';
import { type Filter, options } from '../golden/options.js';
import { results } from '../golden/results.js';
import { variants } from '../golden/variants.js';
import { versions } from '../golden/versions.js';
import { worlds } from '../golden/worlds.js';
import { create } from '../host.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

// What a component exports is called with promises, under its short and its full name.
const { echo, ...byFullName } = create({ world: lists, imports: {} });
same<ReturnType<typeof echo.wide>, Promise<BigUint64Array>>(true);
same<typeof echo, (typeof byFullName)['feature:lists/echo']>(true);
echo.fixed([1, 2, 3, 4]);
// @ts-expect-error: one too few
echo.fixed([1, 2, 3]);
// @ts-expect-error: a list of numbers is a typed array
echo.wide([1n]);

// Cases are told apart by their tag.
const { shapes } = create({ world: variants, imports: {} });
shapes.draw({ tag: 'circle', val: 1 }, 'dark-green', { execAll: true });
// @ts-expect-error: no such case
shapes.draw({ tag: 'square' }, 'red', {});
// @ts-expect-error: the case has a value
shapes.draw({ tag: 'circle' }, 'red', {});
// @ts-expect-error: no such color
shapes.draw({ tag: 'nothing' }, 'green', {});

// What is granted may be sync or async, and nothing may be missing.
create({
  world: results,
  imports: {
    'feature:results/store': {
      get: (key) => key,
      put: async () => {},
      clear: () => 1,
      ping() {},
      named: async () => 1,
      many: (keys) => keys.map((val) => ({ tag: 'ok', val })),
      report: (outcome) => [outcome, { tag: 'err' }],
    },
  },
});
// @ts-expect-error: an interface is missing
create({ world: results, imports: {} });
// @ts-expect-error: functions are missing
create({ world: results, imports: { 'feature:results/store': { get: (key: string) => key } } });

// A value that may be missing is left out, undefined or there.
const filter: Filter = { nested: { tag: 'none' }, text: undefined };
const { search } = create({
  world: options,
  imports: {
    'feature:options/search': {
      find: (given) => given,
      middle: () => {},
      unsure: (value) => (value.tag === 'none' ? value : { tag: 'some', val: String(value.val) }),
    },
  },
});
search.find(filter);
search.find(filter, 'after', undefined);
// @ts-expect-error: the second one is required
search.middle(1);

// Functions of the world stand on top; two versions keep theirs in the key.
const own = create({
  world: worlds,
  imports: {
    log: (text, level) => void [text, level],
    'host-clock': { now: (zone) => (zone === 'utc' ? 0 : 1) },
    'feature:worlds/base': { start: () => {} },
  },
});
same<ReturnType<typeof own.setUp>, Promise<void>>(true);
same<ReturnType<typeof own.report.lines>, Promise<{ text: string }[]>>(true);
const counts = create({
  world: versions,
  imports: {
    'acme:stock/count@1.0.0': { count: () => ({ pieces: 1 }) },
    'acme:stock/count@2.0.0': { count: () => ({ pieces: 1 }) },
    'acme:stock/names': { name: () => 'n' },
  },
});
counts['acme:stock/count@2.0.0'].count();
