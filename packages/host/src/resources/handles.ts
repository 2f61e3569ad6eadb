// Owns all handles of one state of a guest, in both directions, and what a call's arguments carry over with them.
import { emitWarning } from 'node:process';
import { Malformed } from '../codec/mismatch.js';
import { ClosedError } from '../errors/classes.js';
import type { GuestClasses } from './guest-classes.js';
import { HostTable, tooMany } from './host-table.js';
import { oneOf, type Resource } from './resource.js';

/** A resource of the component's that the host holds. */
export interface GuestHandle {
  readonly resource: Resource;
  /** The runtime's number for it. */
  readonly number: number;
  readonly handles: Handles;
  state: 'alive' | 'moved' | 'disposed';
}

export class Handles {
  readonly host: HostTable;
  /**
   * Of a context; a direct call gets to see no resource of the component's. Held weakly: they hold the context, which
   * is put back when nobody holds it any more, and this here is held by who does that.
   */
  readonly classes: WeakRef<GuestClasses> | undefined;
  /** What lived in that state is gone, or about to go. */
  isOver = false;
  readonly #guest = new Map<number, GuestHandle>();
  readonly #max: number;

  constructor(max: number, classes: WeakRef<GuestClasses> | undefined) {
    this.#max = max;
    this.host = new HostTable(max);
    this.classes = classes;
  }

  /** The object for a resource that the component has handed out. Throws a Malformed, LimitError or ClosedError. */
  adopt(resource: Resource, number: number): object {
    if (this.classes === undefined) throw new Malformed(`${oneOf(resource)} without a context`);
    if (this.#guest.has(number)) throw new Malformed(`number ${number} was handed out twice`);
    if (this.#guest.size >= this.#max) throw tooMany(this.#max);
    const classes = this.classes.deref();
    if (classes === undefined)
      throw new ClosedError('the context was dropped while a call in it was under way');
    const handle: GuestHandle = { resource, number, handles: this, state: 'alive' };
    this.#guest.set(number, handle);
    return classes.instance(handle);
  }

  /** The host holds it no longer. */
  release(handle: GuestHandle): void {
    this.#guest.delete(handle.number);
  }

  /** The arguments that held it were never sent. */
  restore(handle: GuestHandle): void {
    handle.state = 'alive';
    this.#guest.set(handle.number, handle);
  }

  /**
   * The state is gone, and with it every handle: what the guest owned of the host's is disposed of. That is the user's
   * code, so it runs when whoever called this is done.
   */
  async end(): Promise<void> {
    this.isOver = true;
    this.#guest.clear();
    await undefined;
    // Each for itself; and there is nobody who could be told of a failure.
    await Promise.all(
      this.host
        .clear()
        .map(async (object) => disposeOf(object))
        .map((one) => one.catch(warn)),
    );
  }
}

/** What one call carries over: taken back where it is never sent, and what was only lent, when it is over. */
export class Transfer {
  readonly handles: Handles;
  readonly #given: number[] = [];
  readonly #lent: number[] = [];
  readonly #moved: GuestHandle[] = [];
  readonly #shown = new Set<GuestHandle>();

  constructor(handles: Handles) {
    this.handles = handles;
  }

  give(resource: Resource, object: object): number {
    const number = this.handles.host.give(resource, object);
    this.#given.push(number);
    return number;
  }

  lend(resource: Resource, object: object): number {
    const number = this.handles.host.lend(resource, object);
    this.#lent.push(number);
    return number;
  }

  /** Answers whether it can be: what the same call lends cannot be given away by it. */
  move(handle: GuestHandle, state: 'moved' | 'disposed'): boolean {
    if (this.#shown.has(handle)) return false;
    handle.state = state;
    handle.handles.release(handle);
    this.#moved.push(handle);
    return true;
  }

  show(handle: GuestHandle): void {
    this.#shown.add(handle);
  }

  /** It was never sent. */
  undo(): void {
    for (const number of [...this.#given, ...this.#lent]) this.handles.host.forget(number);
    for (const handle of this.#moved) handle.handles.restore(handle);
  }

  /** The call is over. */
  over(): void {
    for (const number of this.#lent) this.handles.host.forget(number);
  }
}

/** Where the handles of one sandbox's calls go. */
export class Transfers {
  readonly #isNeeded: boolean;
  readonly #max: number;

  /** `hasResources`: whether any function deals with resources. */
  constructor(hasResources: boolean, max: number) {
    this.#isNeeded = hasResources;
    this.#max = max;
  }

  /** For a call through `context`, to its handles; for a direct one, to some of its own. */
  begin(context: StateOfHandles | undefined): Transfer | undefined {
    if (!this.#isNeeded) return undefined;
    if (context === undefined) return new Transfer(new Handles(this.#max, undefined));
    context.handles ??= new Handles(this.#max, context.classes);
    return new Transfer(context.handles);
  }
}

/** What a context keeps of them. */
export interface StateOfHandles {
  readonly classes: WeakRef<GuestClasses> | undefined;
  handles: Handles | undefined;
}

/** Calls the object's own way to end; throws or rejects with what that throws. */
export function disposeOf(object: object): Promise<void> | undefined {
  const { [Symbol.dispose]: dispose, [Symbol.asyncDispose]: asyncDispose } = object as Partial<
    Disposable & AsyncDisposable
  >;
  if (typeof dispose === 'function') dispose.call(object);
  else if (typeof asyncDispose === 'function') return Promise.resolve(asyncDispose.call(object));
  return undefined;
}

function warn(error: unknown): void {
  let why = 'with something that cannot be looked at';
  try {
    why = `with ${error instanceof Error ? error.message : error}`;
  } catch {
    // A getter of the user's, or no way to make text of it.
  }
  emitWarning(`a host resource failed to dispose of itself when its guest's state ended, ${why}`);
}
