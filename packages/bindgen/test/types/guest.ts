// Owns what a plug-in's author must be able to write with the plug-in's view, and what must not compile.
import type { CollisionsExports } from 'feature:collisions/collisions';
import { all, type Item } from 'feature:collisions/orders';
import { delete as remove } from 'feature:reserved-words/class';
import { get, type Outcome } from 'feature:results/store';
import { start } from 'feature:worlds/base';
import { start as startOfVersion } from 'feature:worlds/base@1.2.3';
import type { WorldsExports } from 'feature:worlds/worlds@1.2.3';
import log, { log as byName } from 'log';

export const stock: CollisionsExports['stock'] = {
  find: (area) => ({ until: BigInt(area.width) }),
  get: () => ({ count: all().length }),
  // biome-ignore lint/suspicious/noThenProperty: the world has a function of that name
  then: () => undefined,
};

export const run: WorldsExports['run'] = (settings) => {
  for (const { name } of settings) log(name);
  byName('done', 1);
  start();
  startOfVersion();
  return 1n;
};

// @ts-expect-error: a plug-in answers at once
export const late: WorldsExports['run'] = async () => 1n;

export const text: string = get('key');
export const outcome: Outcome = { tag: 'err', val: { tag: 'not-found' } };
export const items: Item[] = all();
export const removed = remove('a', 1, 2).delete;
