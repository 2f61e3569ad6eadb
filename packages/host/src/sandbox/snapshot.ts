// Owns taking a snapshot of a sandbox's state.
import type { Component } from '../component.js';
import { SnapshotError } from '../errors/classes.js';
import { newSnapshot, type Snapshot } from '../snapshot.js';
import type { ContextState } from './context-state.js';
import type { Engine } from './engine.js';
import { refusalOf } from './refusal.js';

export interface SnapshotParts {
  readonly engine: Engine;
  readonly component: Component;
}

/** Of a context's state; without one, of the base state, which an open context does not change. */
export async function takeSnapshot(
  { engine, component }: SnapshotParts,
  state?: ContextState,
): Promise<Snapshot> {
  const { closed, hostCalls } = engine;
  const refusal = refusalOf({ closed, hostCalls, context: undefined }, 'snapshot()', undefined, state);
  if (refusal !== undefined) throw refusal;
  const { binding, granted } = engine;
  return newSnapshot({ binding, number: await engine.capture(state), component, granted });
}

/** The host's objects are of this process, and of this state of it: a snapshot cannot hold them. */
export function resourcesError(state: ContextState | undefined, what: string): SnapshotError | undefined {
  const names = state?.handles?.host.names() ?? [];
  if (names.length === 0) return undefined;
  return new SnapshotError(
    'resources',
    `${what}: the guest holds resources of the host (${names.join(', ')}), which no snapshot can hold; let it drop them first`,
  );
}
