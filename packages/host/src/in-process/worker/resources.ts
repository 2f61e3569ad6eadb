// Owns handles under jco: numbers for the guest's resources, and classes whose objects stand for the host's.
import type { TypeDescriptor } from '../../descriptor.js';
import type { Resource, Resources, Side } from '../../resources/resource.js';
import type { HandleShape, Shape } from './shapes.js';
import { Stop } from './stop.js';

type Class = new (...args: unknown[]) => object;

/** What a host's class needs of the host. */
export interface HostMembers {
  /** Makes one; undefined where WIT has no constructor. */
  readonly create: ((...args: unknown[]) => unknown) | undefined;
  readonly drop: (number: number) => void;
}

/** As jco looks for it. */
const dispose: symbol = Symbol.dispose ?? Symbol.for('dispose');

/** Types of handles as what they are on the wire. */
export function withoutHandles(types: readonly TypeDescriptor[]): TypeDescriptor[] {
  return types.map((type) =>
    type.kind === 'own' || type.kind === 'borrow' ? { kind: 'alias', type: 'u32' } : type,
  );
}

export class Handles {
  readonly #resources: Resources;
  /** The host's, whose numbers are the host's. */
  readonly #classes = new Map<Resource, Class>();
  readonly #numbers = new WeakMap<object, number>();
  /** The guest's that the host holds. */
  readonly #guest = new Map<number, object>();
  #lastNumber = 0;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  /** The instance is gone, and with it all that it had. */
  clear(): void {
    this.#guest.clear();
    this.#lastNumber = 0;
  }

  /** The class by which jco knows a resource of the host's. */
  hostClass(resource: Resource, { create, drop }: HostMembers): Class {
    const numberOf = (object: object): number => this.#hostNumber(object);
    const made = class {
      constructor(...args: unknown[]) {
        if (create === undefined) throw new Stop(broken(`${resource.className} has no constructor`));
        // biome-ignore lint/correctness/noConstructorReturn: the host makes it, and gives its number
        return create(...args) as object;
      }
    };
    Object.defineProperty(made.prototype, dispose, {
      value(this: object): void {
        drop(numberOf(this));
      },
    });
    this.#classes.set(resource, made);
    return made;
  }

  /** How handles are shown to jco in functions of that side. */
  shapes(side: Side): HandleShape {
    return ({ kind, resource: index }): Shape => {
      const resource = this.#resources.of(side, index);
      if (!resource.isGuests) {
        return {
          toJco: (number) => this.#hostObject(resource, number as number),
          fromJco: (object) => this.#hostNumber(object as object),
        };
      }
      return {
        toJco: (number) =>
          kind === 'own' ? this.take(number as number) : this.#guestObject(number as number),
        fromJco: (object) => this.#keep(object as object),
      };
    };
  }

  /** The host gives it up. */
  take(number: number): object {
    const object = this.#guestObject(number);
    this.#guest.delete(number);
    return object;
  }

  /** Runs the guest's own end of it. */
  drop(number: number): void {
    (this.take(number) as Record<symbol, () => void>)[dispose]!();
  }

  #keep(object: object): number {
    const number = ++this.#lastNumber;
    this.#guest.set(number, object);
    return number;
  }

  #guestObject(number: number): object {
    const object = this.#guest.get(number);
    if (object === undefined) throw new Stop(broken(`there is no resource ${number}`));
    return object;
  }

  #hostObject(resource: Resource, number: number): object {
    const object = Object.create(this.#classes.get(resource)!.prototype) as object;
    this.#numbers.set(object, number);
    return object;
  }

  #hostNumber(object: object): number {
    const number = this.#numbers.get(object);
    if (number === undefined)
      throw new Stop(broken('jco passes a resource that is not the one it was given'));
    return number;
  }
}

const broken = (message: string) => ({ code: 'trap', trap: 'other', message, stack: '' }) as const;
