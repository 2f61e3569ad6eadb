// Owns `resource fields`: headers, as bytes, in their order.
import { Buffer } from 'node:buffer';
import { WitError } from '../../errors/classes.js';

type HeaderErrorTag = 'invalid-syntax' | 'forbidden' | 'immutable';

const headerError = (tag: HeaderErrorTag): WitError => new WitError({ tag });

/** What one list of headers may take; HTTP servers allow less. */
const FIELDS_BYTES_MAX = 128 << 10;

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
  #entries: Entry[] = [];
  #bytes = 0;
  #isImmutable = false;

  static fromList(entries: readonly Entry[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
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
    this.#remove(name);
    for (const value of values) this.#add(name, value);
  }

  delete(name: string): void {
    this.#requireChangeable(name);
    this.#remove(name);
  }

  append(name: string, value: Uint8Array): void {
    this.#requireChangeable(name);
    requireValue(value);
    this.#add(name, value);
  }

  entries(): [string, Uint8Array][] {
    return this.#entries.map(([name, value]) => [name, value]);
  }

  clone(): Fields {
    const copy = new Fields();
    copy.#entries = this.#entries.slice();
    copy.#bytes = this.#bytes;
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

  #named(name: string): Entry[] {
    const wanted = name.toLowerCase();
    return this.#entries.filter(([one]) => one.toLowerCase() === wanted);
  }

  #add(name: string, value: Uint8Array): void {
    this.#bytes += name.length + value.length;
    if (this.#bytes > FIELDS_BYTES_MAX)
      throw new RangeError(`headers of more than ${FIELDS_BYTES_MAX} bytes`);
    this.#entries.push([name, value]);
  }

  #remove(name: string): void {
    const going = new Set(this.#named(name));
    this.#entries = this.#entries.filter((entry) => !going.has(entry));
    for (const [one, value] of going) this.#bytes -= one.length + value.length;
  }

  #requireChangeable(name: string): void {
    if (this.#isImmutable) throw headerError('immutable');
    if (!NAME.test(name)) throw headerError('invalid-syntax');
    if (FORBIDDEN.has(name.toLowerCase())) throw headerError('forbidden');
  }
}

function requireValue(value: Uint8Array): void {
  const isBad = value.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f);
  if (isBad) throw headerError('invalid-syntax');
}
