// Owns the host's objects that a guest holds handles of: their numbers, and when the last handle is gone.
import { Malformed } from '../codec/mismatch.js';
import { LimitError } from '../errors/classes.js';
import { oneOf, type Resource } from './resource.js';

interface Slot {
  readonly resource: Resource;
  readonly object: object;
  /** For one call only; otherwise the guest owns the handle. */
  readonly isLent: boolean;
}

/** Of one state of a guest. A number is a claim: it is looked up, and its type compared, each time. */
export class HostTable {
  readonly #slots: (Slot | undefined)[] = [];
  readonly #free: number[] = [];
  /** How many handles the guest owns of each object. */
  readonly #owned = new Map<object, number>();
  readonly #max: number;
  /** Given back by the values that are being read, of which the rest may be damaged. */
  readonly #taken: object[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** The guest owns it from now on. Throws a LimitError. */
  give(resource: Resource, object: object): number {
    const number = this.#add({ resource, object, isLent: false });
    this.#owned.set(object, (this.#owned.get(object) ?? 0) + 1);
    return number;
  }

  /** The guest may use it until `end`, which is up to the caller. Throws a LimitError. */
  lend(resource: Resource, object: object): number {
    return this.#add({ resource, object, isLent: true });
  }

  /** What the guest shows, and keeps. Throws a Malformed. */
  borrow(resource: Resource, number: number): object {
    return this.#at(resource, number).object;
  }

  /** What the guest gives back. Throws a Malformed. */
  take(resource: Resource, number: number): object {
    const { object } = this.#ownedAt(resource, number);
    this.#remove(number, object);
    this.#taken.push(object);
    return object;
  }

  /** What was taken is the host's now; or else nobody got it, and it ends with the rest. */
  wasRead(isWhole: boolean): void {
    for (const object of this.#taken.splice(0)) {
      if (!isWhole) this.#owned.set(object, (this.#owned.get(object) ?? 0) + 1);
    }
  }

  /** The guest has dropped a handle; answers the object if it was the last one. Throws a Malformed. */
  drop(resource: Resource, number: number): object | undefined {
    const { object } = this.#ownedAt(resource, number);
    return this.#remove(number, object) === 0 ? object : undefined;
  }

  /** The number does not stand for anything any more. */
  forget(number: number): void {
    const slot = this.#slots[number];
    if (slot === undefined) return;
    if (slot.isLent) this.#clear(number);
    else this.#remove(number, slot.object);
  }

  /** The names of what the guest owns. */
  names(): string[] {
    const owned = this.#slots.filter((slot) => slot?.isLent === false);
    return [...new Set(owned.map((slot) => slot!.resource.className))];
  }

  /** The state is gone: what the guest owned of it, each object once. */
  clear(): object[] {
    const objects = [...this.#owned.keys()];
    this.#slots.length = 0;
    this.#free.length = 0;
    this.#owned.clear();
    return objects;
  }

  #add(slot: Slot): number {
    if (this.#slots.length - this.#free.length >= this.#max) throw tooMany(this.#max);
    const number = this.#free.pop() ?? this.#slots.length;
    this.#slots[number] = slot;
    return number;
  }

  #at(resource: Resource, number: number): Slot {
    const slot = this.#slots[number];
    if (slot === undefined) throw new Malformed(`no resource of the host has the number ${number}`);
    if (slot.resource !== resource) {
      throw new Malformed(`number ${number} is ${oneOf(slot.resource)}, not ${oneOf(resource)}`);
    }
    return slot;
  }

  #ownedAt(resource: Resource, number: number): Slot {
    const slot = this.#at(resource, number);
    if (slot.isLent) throw new Malformed(`number ${number} is only lent, and given away`);
    return slot;
  }

  /** Answers how many handles the guest still owns of it. */
  #remove(number: number, object: object): number {
    this.#clear(number);
    const left = this.#owned.get(object)! - 1;
    if (left > 0) this.#owned.set(object, left);
    else this.#owned.delete(object);
    return left;
  }

  #clear(number: number): void {
    this.#slots[number] = undefined;
    this.#free.push(number);
  }
}

export function tooMany(max: number): LimitError {
  return new LimitError('maxResources', `${max} resources are alive already, limits.maxResources is ${max}`);
}
