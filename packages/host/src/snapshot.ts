// Owns Snapshot: a sandbox's state, from which other sandboxes start.
import type { Component } from './component.js';
import { SnapshotError } from './errors/classes.js';
import type { Needs } from './sandbox/limits.js';
import { type LoadOptions, loadSnapshot, saveSnapshot } from './snapshot/file.js';
import type { Held } from './snapshot/held.js';
import type { UrlLike } from './structural.js';

/** Gives back what dropped snapshots held. */
const forgotten = new FinalizationRegistry<Held>(({ binding, number }) => binding.releaseSnapshot(number));

/** For the rest of this package only. */
export let needsOf: (snapshot: Snapshot) => Needs;
export let grantedOf: (snapshot: Snapshot) => readonly string[];
export let newSnapshot: (held: Held) => Snapshot;
export let isSnapshot: (value: unknown) => value is Snapshot;
/** The add-on's number. Throws a SnapshotError if it was closed. */
export let numberOf: (snapshot: Snapshot) => number;

/**
 * The state of a sandbox: its guest's memory, and with it all that the guest has computed so far. Any number of
 * sandboxes start from it, at once and later; they share its memory until they write to it.
 *
 * @example
 * const warm = await sandbox.snapshot();
 * const clone = await Sandbox.create({ snapshot: warm });
 */
export class Snapshot {
  /** The component whose state it is. */
  readonly component: Component;
  /**
   * The least `limits.memoryBytes` of a sandbox that starts from it, and what one gets that is told none. Of a loaded
   * snapshot this is the file's word: where it is more than 256 MiB, `limits.memoryBytes` has to be given.
   */
  readonly memoryBytes: number;
  /** Memory that the snapshot itself takes: pages that are not all zero. */
  readonly bytes: number;
  readonly #held: Held;
  #closed = false;

  /** Made by `sandbox.snapshot()`, `context.snapshot()` or `Snapshot.load()`. */
  private constructor(held: Held) {
    const { memoryBytes, bytes } = held.binding.describeSnapshot(held.number);
    this.component = held.component;
    this.memoryBytes = memoryBytes;
    this.bytes = bytes;
    this.#held = held;
    forgotten.register(this, held, this);
  }

  /**
   * Writes it to a file, from which another process can load it. It appears there whole, once it is on the disk: until
   * then, and where it cannot be written, what was at `path` stays. The file holds all that the guest was given.
   */
  save(path: string | UrlLike): Promise<void> {
    return saveSnapshot({ ...this.#held, number: numberOf(this) }, path);
  }

  /**
   * Reads what `save` wrote. Its component's compiled code comes from the cache; where it is not there, `component` is
   * needed. Rejects with a SnapshotError whose `reason` tells why the file cannot be used.
   */
  static async load(path: string | UrlLike, options: LoadOptions = {}): Promise<Snapshot> {
    return new Snapshot(await loadSnapshot(path, options));
  }

  /**
   * Gives its memory back, as soon as no sandbox needs it any more; what runs from it goes on. Idempotent. A snapshot
   * that is merely dropped is given back too, some time later.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    forgotten.unregister(this);
    this.#held.binding.releaseSnapshot(this.#held.number);
  }

  /** The same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  static {
    isSnapshot = (value): value is Snapshot => typeof value === 'object' && value !== null && #held in value;
    grantedOf = (snapshot) => snapshot.#held.granted;
    newSnapshot = (held) => new Snapshot(held);
    needsOf = (snapshot) => ({
      memoryBytes: snapshot.memoryBytes,
      file: snapshot.#held.file,
    });
    numberOf = (snapshot) => {
      if (!snapshot.#closed) return snapshot.#held.number;
      throw new SnapshotError('closed', 'the snapshot is closed; take or load another');
    };
  }
}
