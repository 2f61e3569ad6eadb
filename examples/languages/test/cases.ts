// Owns what every plug-in of the world has to answer, whatever it is written in.
import { WitError } from '@hl/host';
import { expect } from 'vitest';
import type { LenderContextExports, LenderImports } from '../src/gen/lender.js';
import type { Currency, Entry, PluginExports, PluginImports } from '../src/gen/plugin.js';

const RATES: Partial<Record<Currency, bigint>> = { eur: 1_000_000n, usd: 920_000n };

/** What logs have seen, the end of each included. */
const seen: string[] = [];

class Log {
  readonly #title: string;
  #length = 0;

  constructor(title: string) {
    this.#title = title;
  }

  write(text: string): number {
    seen.push(`${this.#title}: ${text}`);
    this.#length += text.length;
    return this.#length;
  }

  [Symbol.dispose](): void {
    seen.push(`${this.#title} ends`);
  }
}

export const imports: PluginImports = {
  // A host function may take its time; the plug-in waits.
  'acme:ledger/rates': { rate: async (currency) => RATES[currency] },
};

export const importsWithResources: LenderImports = { ...imports, 'acme:ledger/journal': { Log } };

const entry = (given: Partial<Entry> = {}): Entry => ({
  id: 1n,
  account: 'rent',
  amount: -250n,
  currency: 'eur',
  marks: {},
  note: undefined,
  ...given,
});

type Exports = PluginExports;

/** By name; each gets the exports of a sandbox that was just as it began. */
export const cases: Record<string, (exports: Exports) => Promise<void>> = {
  'a list of records becomes a list of records, with the help of a host function': async ({ ledger }) => {
    const entries = [
      entry({ note: 'März' }),
      entry({ id: 2n, account: 'sales 🧾', amount: 100n, currency: 'usd', marks: { urgent: true } }),
      entry({ id: 3n, amount: 50n, marks: { settled: true, disputed: true }, note: '' }),
    ];
    expect(await ledger.summarize(entries)).toEqual([
      {
        account: 'rent',
        entries: 2,
        total: -200_000_000n,
        marks: { urgent: false, settled: true, disputed: true },
        notes: ['März', ''],
      },
      {
        account: 'sales 🧾',
        entries: 1,
        total: 92_000_000n,
        marks: { urgent: true, settled: false, disputed: false },
        notes: [],
      },
    ]);
  },

  'each case of the error arrives': async ({ ledger }) => {
    const wrong: [Entry[], unknown][] = [
      [[], { tag: 'no-entries', val: undefined }],
      [[entry(), entry({ currency: 'jpy' })], { tag: 'unknown-rate', val: 'jpy' }],
      [[entry({ id: 2n ** 64n - 1n, amount: 2n ** 62n })], { tag: 'overflow', val: 2n ** 64n - 1n }],
    ];
    for (const [entries, payload] of wrong) {
      const error = await ledger.summarize(entries).then(
        () => expect.fail('no error'),
        (error: unknown) => error,
      );
      expect(error).toBeInstanceOf(WitError);
      expect((error as WitError<unknown>).payload).toEqual(payload);
    }
  },

  'the plug-in sees every field as it was sent': async ({ ledger }) => {
    expect(await ledger.describe(entry())).toBe('1 rent -250 eur [] none');
    const edges = entry({
      id: 2n ** 64n - 1n,
      account: 'Ä\0🧾',
      amount: -(2n ** 63n),
      currency: 'jpy',
      marks: { urgent: true, disputed: true },
      note: '',
    });
    expect(await ledger.describe(edges)).toBe(
      `18446744073709551615 Ä\0🧾 -9223372036854775808 jpy [urgent disputed] some()`,
    );
    expect(await ledger.describe(entry({ amount: 2n ** 63n - 1n, note: 'x' }))).toBe(
      '1 rent 9223372036854775807 eur [] some(x)',
    );
  },

  'bytes cross both ways, however many, and 64-bit numbers come back whole': async ({ ledger }) => {
    expect(await ledger.fingerprint(new Uint8Array())).toBe(0xcbf29ce484222325n);
    expect(await ledger.fingerprint(new TextEncoder().encode('a'))).toBe(0xaf63dc4c8601ec8cn);
    expect(await ledger.reverse(new Uint8Array())).toEqual(new Uint8Array());
    // More than the collector of any language leaves alone.
    const long = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
    expect(Buffer.compare(await ledger.reverse(long), long.toReversed())).toBe(0);
  },

  'chance differs between calls that begin with the same state': async ({ ledger }) => {
    const drawn = [await ledger.nonce(), await ledger.nonce()].map((bytes) =>
      Buffer.from(bytes).toString('hex'),
    );
    expect(drawn.map((text) => text.length)).toEqual([32, 32]);
    expect(drawn[0]).not.toBe(drawn[1]);
  },
};

/** Each gets the exports of a context of its own. */
export const resourceCases: Record<string, (exports: LenderContextExports) => Promise<void>> = {
  'a resource of the plug-in has a constructor, methods and static methods': async ({ accounts }) => {
    const { Account } = accounts;
    const rent = await Account.create('Miete');
    expect(await rent.name()).toBe('Miete');
    expect(await rent.post(-7)).toBe(-7);
    expect(await rent.post(10)).toBe(3);
    const error: unknown = await rent.post(0).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WitError);
    expect((error as WitError<string>).payload).toBe('nothing to post');

    const sales = await Account.create('sales');
    await sales.post(40);
    const both = await Account.merge(rent, sales);
    expect(await both.post(1)).toBe(44);
    expect(await sales.post(1)).toBe(41);
    await expect(rent.name()).rejects.toThrow('moved');
    await both[Symbol.asyncDispose]();
    await expect(both.name()).rejects.toThrow('disposed');
    expect(await sales.name()).toBe('sales');
  },

  'resources cross in lists': async ({ accounts }) => {
    const all = await accounts.open(3);
    expect(await Promise.all(all.map((account) => account.name()))).toEqual(['', '', '']);
    expect(await all[1]?.post(5)).toBe(5);
    expect(await all[2]?.post(6)).toBe(6);
  },

  'a resource of the host is made, lent, kept and given back, and ends when the last handle does': async ({
    accounts,
  }) => {
    seen.length = 0;
    const lent = new Log('lent');
    expect(await accounts.note(lent, 'abc')).toBe(3);
    expect(await accounts.note(lent, 'de')).toBe(5);
    expect(await accounts.report('made', 'x')).toBe(1);
    expect(seen).toEqual(['lent: abc', 'lent: de', 'made: x', 'made ends']);
    await accounts.keep(lent);
    expect(await accounts.giveBack()).toBe(lent);
    expect(await accounts.giveBack()).toBeUndefined();
    expect(seen).toHaveLength(4);
  },
};
