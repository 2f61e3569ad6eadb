// Owns `resource fields`: headers, as bytes, in their order.
import { Buffer } from 'node:buffer';
import { WitError } from '../../errors/classes.js';
import { requireBytes } from '../streams.js';
import { Quota } from './quota.js';

type HeaderErrorTag = 'invalid-syntax' | 'forbidden' | 'immutable';

const headerError = (tag: HeaderErrorTag): WitError => new WitError({ tag });

/** What one list of headers may take; HTTP servers allow less. */
const FIELDS_BYTES_MAX = 128 << 10;
/** What an entry takes besides its bytes, so that many small ones are not for free. */
const ENTRY_BYTES = 64;

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Those of the connection, which is not the guest's. */
const FORBIDDEN = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Entry = readonly [name: string, value: Uint8Array];

export class Fields {
  readonly quota: Quota;
  /** Shared with clones until one of them is changed. */
  #entries: readonly Entry[] = [];
  /** What this one has taken of the quota. */
  #taken = 0;
  #isImmutable = false;

  constructor(quota = new Quota()) {
    this.quota = quota;
  }

  static fromList(this: new () => Fields, entries: readonly Entry[]): Fields {
    const fields = new this();
    try {
      for (const [name, value] of entries) fields.append(name, value);
      return fields;
    } catch (error) {
      fields[Symbol.dispose]();
      throw error;
    }
  }

  /** What came from outside is taken as it is, and cannot be changed. */
  static received(headers: Iterable<[string, string]>): Fields {
    const fields = new Fields();
    fields.#entries = Array.from(headers, ([name, value]): Entry => [name, Buffer.from(value, 'latin1')]);
    return fields.frozen();
  }

  get(name: string): Uint8Array[] {
    return this.#named(name).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#named(name).length > 0;
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#requireChangeable(name);
    for (const value of values) requireValue(value);
    this.#change([...this.#except(name), ...values.map((value): Entry => [name, value])]);
  }

  delete(name: string): void {
    this.#requireChangeable(name);
    this.#change(this.#except(name));
  }

  append(name: string, value: Uint8Array): void {
    this.#requireChangeable(name);
    requireValue(value);
    this.#change([...this.#entries, [name, value]]);
  }

  entries(): [string, Uint8Array][] {
    return this.#entries.map(([name, value]) => [name, value]);
  }

  clone(): Fields {
    const copy = new Fields(this.quota);
    copy.#entries = this.#entries;
    return copy;
  }

  /** The same, from now on for reading only. */
  frozen(): Fields {
    this.#isImmutable = true;
    return this;
  }

  /** As Fetch has them: bytes as characters up to U+00FF. */
  toHeaders(): [string, string][] {
    return this.#entries.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  }

  /** The one number that this header says, if it does. */
  number(name: string): number | undefined {
    const [value, another] = this.get(name);
    const text = value === undefined || another !== undefined ? '' : Buffer.from(value).toString('latin1');
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  [Symbol.dispose](): void {
    this.quota.give(this.#taken);
    this.#taken = 0;
  }

  #named(name: string): Entry[] {
    const wanted = name.toLowerCase();
    return this.#entries.filter(([one]) => one.toLowerCase() === wanted);
  }

  #except(name: string): Entry[] {
    const named = new Set(this.#named(name));
    return this.#entries.filter((entry) => !named.has(entry));
  }

  #change(entries: readonly Entry[]): void {
    const bytes = entries.reduce((sum, [name, value]) => sum + ENTRY_BYTES + name.length + value.length, 0);
    if (bytes > FIELDS_BYTES_MAX) throw new RangeError(`headers of more than ${FIELDS_BYTES_MAX} bytes`);
    this.quota.give(this.#taken);
    this.#taken = 0;
    this.quota.take(bytes);
    this.#taken = bytes;
    this.#entries = entries;
  }

  #requireChangeable(name: string): void {
    if (this.#isImmutable) throw headerError('immutable');
    if (typeof name !== 'string' || !NAME.test(name)) throw headerError('invalid-syntax');
    if (FORBIDDEN.has(name.toLowerCase())) throw headerError('forbidden');
  }
}

function requireValue(value: Uint8Array): void {
  requireBytes(value);
  const isBad = value.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f);
  if (isBad) throw headerError('invalid-syntax');
}
