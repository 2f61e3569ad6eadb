// The ledger plug-in with resources: accounts are this plug-in's, logs are the app's.

import { Log } from 'acme:ledger/journal';
import { WitError } from '@hl/guest-js/guest';

export { ledger } from './plugin.js';

class Account {
  #name;
  balance = 0;

  constructor(name) {
    this.#name = name;
  }

  name() {
    return this.#name;
  }

  post(amount) {
    if (amount === 0) throw new WitError('nothing to post');
    this.balance += amount;
    return this.balance;
  }

  static merge(into, other) {
    into.balance += other.balance;
    return into;
  }
}

let kept;

export const accounts = {
  Account,
  open: (count) => Array.from({ length: count }, () => new Account('')),
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
