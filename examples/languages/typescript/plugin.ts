// The ledger plug-in in TypeScript.

import type { Entry, Marks, Problem, Statement } from 'acme:ledger/ledger@1.0.0';
import type { Ledger } from 'acme:ledger/plugin@1.0.0';
import { rate } from 'acme:ledger/rates';
import { WitError } from '@hl/guest-js/guest';

const S64_MAX = 2n ** 63n - 1n;

export const ledger: Ledger = {
  summarize(entries) {
    if (entries.length === 0) throw problem({ tag: 'no-entries' });
    const statements = new Map<string, Statement>();
    for (const entry of entries) {
      const { id, account, note } = entry;
      const old = statements.get(account) ?? { account, entries: 0, total: 0n, marks: {}, notes: [] };
      statements.set(account, {
        account,
        entries: old.entries + 1,
        total: fitting(old.total + fitting(entry.amount * value(entry), id), id),
        marks: union(old.marks, entry.marks),
        notes: note === undefined ? old.notes : [...old.notes, note],
      });
    }
    return [...statements.values()];
  },

  describe({ id, account, amount, currency, marks, note }) {
    const set = (['urgent', 'settled', 'disputed'] as const).filter((mark) => marks[mark]);
    const said = note === undefined ? 'none' : `some(${note})`;
    return `${id} ${account} ${amount} ${currency} [${set.join(' ')}] ${said}`;
  },

  fingerprint(data) {
    let hash = 0xcbf29ce484222325n;
    for (const byte of data) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    return hash;
  },

  reverse: (data) => data.reverse(),

  nonce: () => crypto.getRandomValues(new Uint8Array(16)),

  fail(why) {
    throw new Error(why);
  },
};

/** Of one unit, in millionths of a euro. */
function value({ id, currency }: Entry): bigint {
  const known = rate(currency);
  if (known === undefined) throw problem({ tag: 'unknown-rate', val: currency });
  return fitting(known, id);
}

function fitting(amount: bigint, id: bigint): bigint {
  if (amount > S64_MAX || amount < -S64_MAX - 1n) throw problem({ tag: 'overflow', val: id });
  return amount;
}

function union(a: Marks, b: Marks): Marks {
  return {
    urgent: a.urgent || b.urgent || false,
    settled: a.settled || b.settled || false,
    disputed: a.disputed || b.disputed || false,
  };
}

const problem = (payload: Problem) => new WitError(payload);
