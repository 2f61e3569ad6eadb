// Owns what an application must be able to write with resources, and what must not compile.

import { resources } from '../golden/resources.js';
import { type GuestBucket, type HostBucket, resourcesBoth } from '../golden/resources-both.js';
import { context, create } from '../host.js';

// Any class with the members will do, and where no class is needed, any object.
class Socket {
  readonly #port: number;
  constructor(port: number) {
    this.#port = port;
  }
  static listen(): Socket {
    return new Socket(80);
  }
  close(): void {
    void this.#port;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}
class Token {
  readonly secret = 1;
}
class Clock {
  static utc(): Promise<Clock> {
    return Promise.resolve(new Clock());
  }
  now(): bigint {
    return 1n;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
const useIt = () => [{ send() {} }];
const granted = { read: () => 'now', Clock, 'feature:resources/connections': { Socket, useIt } };

const world = { world: resources, imports: granted };
create(world);
create({ ...world, imports: { ...granted, 'feature:resources/connections': { Socket, Token, useIt } } });
// In place of a constructor, `create`.
const Later = {
  create: async (port: number) => new Socket(port),
  listen: () => new Socket(1),
};
create({ ...world, imports: { ...granted, 'feature:resources/connections': { Socket: Later, useIt } } });
// @ts-expect-error: a class with a constructor is needed
create({ ...world, imports: { ...granted, 'feature:resources/connections': { useIt } } });
const Nameless = class {
  close() {}
};
// @ts-expect-error: the static function is missing
create({ ...world, imports: { ...granted, 'feature:resources/connections': { useIt, Socket: Nameless } } });

// Without a context there are only the functions that take no resource of the component.
const direct = create(world);
direct.buckets.count();
direct.checks.check({ send() {} });
direct.set(new Clock());
// @ts-expect-error: needs a context
direct.buckets.open('a');
// @ts-expect-error: needs a context
direct.bins;

const inContext = context(world);
export async function use(): Promise<void> {
  inContext.buckets.count();
  await using bucket = await inContext.buckets.Bucket.create('a');
  const value: string | undefined = await bucket.get('key');
  await inContext.bins.empty(bucket);
  await inContext.buckets.sell([{ what: bucket, price: 1 }]);
  const other: unknown = value;
  if (other instanceof inContext.buckets.Bucket) await other.then_();
  // @ts-expect-error: a constructor cannot wait
  new inContext.buckets.Bucket('a');
}

// What one context exports, another world's sandbox can be given.
const shop = context({
  world: resourcesBoth,
  imports: {
    'feature:resources-both/buckets': context({ world: resourcesBoth, imports: {} as never }).buckets,
    'feature:resources-both/shelves': {
      top: (): HostBucket => ({ get: () => undefined, copy: () => Promise.reject(new Error('no')) }),
      take: ({ size }) => size,
    },
  },
});
export const top: Promise<GuestBucket> = shop.shelves.top();
declare const hostBucket: HostBucket;
shop.fill(hostBucket);
// @ts-expect-error: the component's bucket has methods that answer promises
shop.shelves.take({ what: hostBucket, size: 'small' });
