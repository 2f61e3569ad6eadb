// Owns what a measuring process is asked, and what it answers. All of it is JSON.
import type { Batch, BatchSize } from '../cells/batch.js';
import type { CellShape, Unavailable } from '../cells/cell.js';
import type { Guest } from '../guests.js';

/** What one process measures; what would disturb each other has a process of its own. */
export type Part =
  | 'calls'
  | 'one-core'
  | 'all-cores'
  | 'memory'
  | 'alive'
  | 'clone-new'
  | 'clone-same'
  | 'clone-other'
  | 'clone-other-component'
  | 'save'
  | 'clone-loaded';

export interface Job {
  readonly prefix: string;
  readonly part: Part;
  readonly guests: readonly Guest[];
  /** Only cells whose name contains this. */
  readonly only: string;
  /** Where `save` writes a snapshot, and `clone-loaded` reads it. */
  readonly file?: string;
}

export type Request =
  | { readonly kind: 'start'; readonly job: Job }
  | { readonly kind: 'take'; readonly cell: number; readonly size: BatchSize };

export type Answer =
  | {
      readonly kind: 'started';
      readonly cells: readonly CellShape[];
      readonly unavailable: readonly Unavailable[];
    }
  | { readonly kind: 'taken'; readonly batch: Batch }
  | { readonly kind: 'failed'; readonly error: string };
