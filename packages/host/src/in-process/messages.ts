// Owns what is said between this thread and the workers in which guests run under jco.
import type { MessagePort } from 'node:worker_threads';
import type { BindingCreate, BindingError, BindingTrap } from '../binding.js';
import type { WorldDescriptor } from '../descriptor.js';

/** A component as jco has made it: JavaScript that binds core modules, and those modules, compiled. */
export interface Transpiled {
  readonly source: string;
  readonly modules: ReadonlyMap<string, object>;
  readonly descriptor: WorldDescriptor;
  readonly wit: string;
}

/** What the worker is told that turns a component's bytes into that. */
export interface TranspileJob {
  readonly role: 'transpile';
  readonly bytes: Uint8Array;
}

export type TranspileAnswer =
  | { readonly ok: true; readonly transpiled: Transpiled }
  | {
      readonly ok: false;
      readonly problem: 'invalid' | 'unsupported' | 'tools-missing';
      readonly message: string;
    };

/** One call that a state has seen, with what its host functions answered: enough to make that state again. */
export interface Recorded {
  readonly functionIndex: number;
  readonly request: Uint8Array;
  readonly answers: HostAnswer[];
}

export interface HostAnswer {
  /** Otherwise the host function failed, and the guest learns nothing of it. */
  readonly ok: boolean;
  readonly payload: Uint8Array;
}

type Bounds = Pick<BindingCreate, 'replyBytesMax' | 'outputBytesMax' | 'hostCallsMax'>;

/** What the worker is told in which one sandbox's guest runs. */
export interface RunJob extends Bounds {
  readonly role: 'run';
  readonly transpiled: Transpiled;
  readonly exports: BindingCreate['exports'];
  readonly imports: BindingCreate['imports'];
  /** How its base state came to be. */
  readonly history: readonly Recorded[];
  /** Answers of host functions: how many there were, and the port on which they lie. */
  readonly answered: Int32Array;
  readonly answers: MessagePort;
}

export type ToWorker =
  | {
      readonly kind: 'call';
      readonly functionIndex: number;
      readonly request: Uint8Array;
      readonly keepState: boolean;
    }
  /** Back to the base state; forward to the present one as the base state; a word on how a state came to be. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'rebase' }
  | { readonly kind: 'capture'; readonly source: 'base' | 'current' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: BindingError }
  | { readonly kind: 'returned'; readonly reply: Uint8Array }
  | { readonly kind: 'hostCall'; readonly index: number; readonly request: Uint8Array }
  | { readonly kind: 'output'; readonly stream: 1 | 2; readonly bytes: Uint8Array }
  /** Undefined where it has become too long to be kept. */
  | { readonly kind: 'history'; readonly history: readonly Recorded[] | undefined };

export type { BindingTrap };
