// The ledger plug-in with resources: accounts are this plug-in's, logs are the app's.

import type { Account } from 'acme:ledger/accounts@1.0.0';
import { Log } from 'acme:ledger/journal';
import type { Accounts } from 'acme:ledger/lender@1.0.0';
import { WitError } from '@hl/guest-js/guest';

export { ledger } from './plugin.js';

class Book implements Account {
  readonly #name: string;
  balance = 0;

  constructor(name: string) {
    this.#name = name;
  }

  name(): string {
    return this.#name;
  }

  post(amount: number): number {
    if (amount === 0) throw new WitError('nothing to post');
    this.balance += amount;
    return this.balance;
  }

  static merge(into: Book, other: Book): Book {
    into.balance += other.balance;
    return into;
  }
}

let kept: Log | undefined;

export const accounts: Accounts = {
  Account: Book,
  open: (count) => Array.from({ length: count }, () => new Book('')),
  note: (to, text) => to.write(text),
  report(title, text) {
    const log = new Log(title);
    const length = log.write(text);
    log[Symbol.dispose]();
    return length;
  },
  keep(log) {
    kept = log;
  },
  giveBack() {
    const log = kept;
    kept = undefined;
    return log;
  },
};
