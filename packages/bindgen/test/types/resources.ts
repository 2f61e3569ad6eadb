// Owns what a plug-in's author must be able to write with resources.

import { type Connection, Token, useIt } from 'feature:resources/connections';
import type { ResourcesExports } from 'feature:resources/resources';
import { Bucket as HostBucket, sell } from 'feature:resources-both/buckets';
import type { ResourcesBothExports } from 'feature:resources-both/resources-both';
import { top } from 'feature:resources-both/shelves';

class Bucket {
  readonly #values = new Map<string, string>();
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  put(key: string, value: string): void {
    this.#values.set(key, value);
  }

  // biome-ignore lint/suspicious/noThenProperty: WIT may name a method so.
  then(): void {}

  ['constructor'](): string {
    return this.name;
  }

  static merge(a: Bucket): Bucket {
    return a;
  }

  static create(): Bucket {
    return new Bucket('');
  }
}

export const buckets: ResourcesExports['buckets'] = {
  Bucket,
  open: (name) => new Bucket(name),
  sell: (offers) => offers.reduce((sum, { price }) => sum + price, 0),
  count: () => 0,
};

export function send(connection: Connection, token: Token): number {
  connection.send(new Uint8Array(1));
  return useIt(connection, token).length;
}

// @ts-expect-error: WIT knows no constructor
new Token();

// The host's bucket and the plug-in's are two classes.
class Own {
  readonly size: 'small' | 'large';
  constructor(size: 'small' | 'large') {
    this.size = size;
  }
  get(): undefined {}
  copy(): Own {
    return new Own(this.size);
  }
  static both(a: Own): Own {
    return a;
  }
}

export const both: ResourcesBothExports['buckets'] = {
  Bucket: Own,
  sell: () => sell([{ what: new HostBucket('small'), size: 'small' }]),
  sizes: () => ['large'],
};

export const shelves: ResourcesBothExports['shelves'] = {
  top: () => new Own('large'),
  take: (bid) => {
    bid.what.copy();
    top()[Symbol.dispose]();
    return bid.size;
  },
};
