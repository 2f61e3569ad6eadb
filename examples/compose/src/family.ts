// Owns the right to have sandboxes made: a host function that a plug-in may call, and what all that come of it may use.
import { type Component, HyperlightError, Sandbox, WitError } from '@hl/host';
import { type PluginImports, plugin, type Refusal, type Wish } from './gen/plugin.js';

/** What a family may have: the first sandbox, its children, theirs, and so on. */
export interface FamilyLimits {
  /** Of all that are alive, together. */
  memoryBytes: number;
  /** Made at any time, the first one included. */
  sandboxes: number;
  /** How far below the first one. */
  generations: number;
}

/** What one member may have. A child's is never more than its parent's. */
interface Share {
  memoryBytes: number;
  /** By `performance.now()`. */
  deadline: number;
  generation: number;
}

export interface Member {
  generation: number;
  memoryBytes: number;
  timeoutMs: number;
}

/** Of the time that its parent has left: the parent has to be able to go on when the child is stopped. */
const TIME_SHARE = 0.8;

export class Family {
  /** Every sandbox that was made. */
  readonly made: Member[] = [];
  readonly #component: Component;
  readonly #limits: FamilyLimits;
  #freeBytes: number;

  constructor(component: Component, limits: FamilyLimits) {
    this.#component = component;
    this.#limits = limits;
    this.#freeBytes = limits.memoryBytes;
  }

  /** Has the first sandbox do the task; it ends with all that it had made. */
  run(task: string, { memoryBytes, timeoutMs }: { memoryBytes: number; timeoutMs: number }): Promise<string> {
    return this.#live(task, { memoryBytes, deadline: performance.now() + timeoutMs, generation: 0 });
  }

  async #live(task: string, share: Share): Promise<string> {
    const { memoryBytes, generation } = share;
    const timeoutMs = Math.floor(share.deadline - performance.now());
    if (generation > this.#limits.generations) throw refusal({ tag: 'too-deep' });
    if (this.made.length >= this.#limits.sandboxes) throw refusal({ tag: 'too-many' });
    if (memoryBytes > this.#freeBytes) throw refusal({ tag: 'no-memory' });
    if (timeoutMs < 1) throw refusal({ tag: 'failed', val: 'ERR_HL_TIMEOUT' });

    this.made.push({ generation, memoryBytes, timeoutMs });
    this.#freeBytes -= memoryBytes;
    try {
      await using sandbox = await Sandbox.create({
        world: plugin,
        component: this.#component,
        imports: this.#grant(share),
        limits: { memoryBytes, timeoutMs },
        signal: AbortSignal.timeout(timeoutMs),
      });
      // Making it took time, too.
      const left = Math.max(1, Math.floor(share.deadline - performance.now()));
      return await sandbox.with({ timeoutMs: left }).exports.worker.work(task);
    } finally {
      this.#freeBytes += memoryBytes;
    }
  }

  /** The function knows whose it is, so no plug-in can ask in the name of another. */
  #grant(parent: Share): PluginImports {
    return {
      'acme:spawn/children': {
        run: async (task, wish) => {
          try {
            return await this.#live(task, childShare(parent, wish));
          } catch (error) {
            if (error instanceof WitError || !(error instanceof HyperlightError)) throw error;
            throw refusal({ tag: 'failed', val: error.code });
          }
        },
      },
    };
  }
}

function childShare(parent: Share, wish: Wish): Share {
  const now = performance.now();
  const wished = wish.memoryBytes > parent.memoryBytes ? parent.memoryBytes : Number(wish.memoryBytes);
  return {
    memoryBytes: wished,
    deadline: now + Math.min(wish.timeMs, (parent.deadline - now) * TIME_SHARE),
    generation: parent.generation + 1,
  };
}

const refusal = (payload: Refusal) => new WitError(payload);
