// Owns leaks on purpose, by which a run shows that it would notice one.
import { openSync } from 'node:fs';
import type { Sandbox } from '@hl/host';
import type { Leak } from './arguments.js';
import type { Cast } from './cast.js';

/** One sandbox in so many is kept: of each kind in turn. */
const KEPT = 7;
const LEAK_BYTES = 1 << 20;

export class Leaks {
  readonly #what: Leak | undefined;
  readonly #held: unknown[] = [];
  #sandboxes = 0;

  constructor(what: Leak | undefined) {
    this.#what = what;
  }

  /** Whether this one stays open. */
  readonly keep = (sandbox: Sandbox): boolean => {
    if (this.#what !== 'sandbox' || ++this.#sandboxes % KEPT !== 0) return false;
    this.#held.push(sandbox);
    return true;
  };

  /** Once in each turn. */
  async leak({ counter }: Cast): Promise<void> {
    switch (this.#what) {
      case 'snapshot': {
        const context = await counter.context();
        this.#held.push(await context.snapshot());
        await context.finish();
        break;
      }
      case 'descriptor':
        this.#held.push(openSync('/dev/null', 'r'));
        break;
      case 'memory':
        this.#held.push(Buffer.alloc(LEAK_BYTES, 1));
        break;
      case 'sandbox':
      case undefined:
        break;
    }
  }
}
