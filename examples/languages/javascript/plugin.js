// The ledger plug-in in JavaScript.

import { rate } from 'acme:ledger/rates';
import { WitError } from '@hl/guest-js/guest';

const S64_MAX = 2n ** 63n - 1n;

/** @type {import('acme:ledger/plugin@1.0.0').Ledger} */
export const ledger = {
  summarize(entries) {
    if (entries.length === 0) throw new WitError({ tag: 'no-entries' });
    const statements = new Map();
    for (const { id, account, amount, currency, marks, note } of entries) {
      const old = statements.get(account) ?? { account, entries: 0, total: 0n, marks: {}, notes: [] };
      statements.set(account, {
        account,
        entries: old.entries + 1,
        total: fitting(old.total + fitting(amount * value(currency, id), id), id),
        marks: union(old.marks, marks),
        notes: note === undefined ? old.notes : [...old.notes, note],
      });
    }
    return [...statements.values()];
  },

  describe({ id, account, amount, currency, marks, note }) {
    const set = ['urgent', 'settled', 'disputed'].filter((mark) => marks[mark]);
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
function value(currency, id) {
  const known = rate(currency);
  if (known === undefined) throw new WitError({ tag: 'unknown-rate', val: currency });
  return fitting(known, id);
}

function fitting(amount, id) {
  if (amount > S64_MAX || amount < -S64_MAX - 1n) throw new WitError({ tag: 'overflow', val: id });
  return amount;
}

function union(a, b) {
  const either = (mark) => a[mark] || b[mark] || false;
  return { urgent: either('urgent'), settled: either('settled'), disputed: either('disputed') };
}
