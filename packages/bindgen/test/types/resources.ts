// Owns what a plug-in's author must be able to write with resources.

import { type Connection, useIt } from 'feature:resources/connections';
import type { ResourcesExports } from 'feature:resources/resources';

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

  static merge(a: Bucket): Bucket {
    return a;
  }
}

export const buckets: ResourcesExports['buckets'] = { Bucket, open: (name) => new Bucket(name) };

export function send(connection: Connection): number {
  connection.send(new Uint8Array(1));
  return useIt(connection).length;
}
