// Owns what stands for a resource on each side of a call: the author's objects for the guest's, the engine's for the host's.
import type { TypeDescriptor } from '../descriptor.js';
import type { Codec, HandleCodec } from './codec.js';
import type { Engine } from './engine.js';
import { Mismatch } from './mismatch.js';
import { describeError } from './positions.js';

// biome-ignore lint/suspicious/noExplicitAny: a class of the author's takes whatever its WIT says
export type AnyClass = { new (...args: any[]): object; readonly prototype: object };

/** What the engine holds in place of one of the author's objects. */
interface Stand {
  [AUTHORS]: object;
}
const AUTHORS = Symbol('author’s object');

/** A resource that the author implements. */
interface Own {
  name: string;
  /** The author's class, and the engine's stand-in for it; known once the author's module has run. */
  author?: AnyClass;
  stand?: AnyClass;
  /** Objects that the host owns: it can be given each of them only once. */
  given: WeakSet<object>;
}

export class Resources {
  readonly #engine: Engine;
  readonly #types: readonly TypeDescriptor[];
  readonly #exported: ReadonlySet<string>;
  readonly #own = new Map<number, Own>();
  readonly #hosts = new Map<number, AnyClass>();
  /** What the host lent for the call under way. */
  #loans: Disposable[] = [];
  /** What the import that is about to be called is given. */
  #moving: object[] = [];
  /** Why an object of the host's cannot be used any more. */
  readonly #ended = new WeakMap<object, string>();

  constructor(engine: Engine, types: readonly TypeDescriptor[], exported: readonly string[]) {
    this.#engine = engine;
    this.#types = types;
    this.#exported = new Set(exported);
  }

  readonly ofImports: HandleCodec = (kind, resource) => this.#ofHost(kind, this.#declared(resource));

  readonly ofExports: HandleCodec = (kind, resource) => {
    const type = this.#declared(resource);
    const { owner = '' } = this.#types[type] as TypeDescriptor;
    return this.#exported.has(owner) ? this.#ofGuest(kind, type) : this.#ofHost(kind, type);
  };

  /** Lets go of what was lent: a host that gets control back may have no loans open. */
  returnLoans(): void {
    if (this.#loans.length === 0) return;
    const loans = this.#loans;
    this.#loans = [];
    for (const loan of loans) {
      if (this.#engine.returnsLoans) loan[Symbol.dispose]();
      this.#ended.set(loan, 'was lent for a call that is over');
    }
  }

  /** What is about to be given away is gone if the call is made, and still there if it is not. */
  settleMoves(isCalled: boolean): void {
    if (this.#moving.length === 0) return;
    if (isCalled) for (const each of this.#moving) this.#ended.set(each, 'was given away');
    this.#moving = [];
  }

  /** Another name leads to the resource itself. */
  #declared(type: number): number {
    const named = this.#types[type];
    return named?.kind === 'alias' && typeof named.type === 'number' ? this.#declared(named.type) : type;
  }

  #nameOf(type: number): string {
    return this.#types[type]?.name ?? 'resource';
  }

  #ofHost(kind: 'own' | 'borrow', type: number): Codec {
    const name = `the resource ${this.#nameOf(type)}`;
    const lower = (value: unknown) => {
      const host = this.#hosts.get(type);
      if (typeof value !== 'object' || value === null || (host && !(value instanceof host))) {
        throw new Mismatch(name, value);
      }
      const ended = this.#ended.get(value);
      if (ended) throw new TypeError(`${name} ${ended}, and cannot be used any more`);
      if (kind === 'own') {
        if (this.#loans.includes(value as Disposable)) {
          throw new TypeError(`${name} is only lent, and cannot be given away`);
        }
        this.#moving.push(value);
      }
      return value;
    };
    const lift = (value: Disposable) => {
      this.#loans.push(value);
      return value;
    };
    return kind === 'own' ? { lower } : { lift, lower };
  }

  #ofGuest(kind: 'own' | 'borrow', type: number): Codec {
    const own = this.#ownOf(type);
    const lift = (stand: Stand) => {
      if (kind === 'own') own.given.delete(stand[AUTHORS]);
      return stand[AUTHORS];
    };
    const lower = (value: unknown) => {
      const { name, author, stand, given } = own;
      if (!author || !stand || !(value instanceof author)) throw new Mismatch(`the resource ${name}`, value);
      if (given.has(value)) throw new Mismatch(`the resource ${name}, which the host has not got yet`, value);
      given.add(value);
      return Object.create(stand.prototype, { [AUTHORS]: { value } });
    };
    return { lift, lower };
  }

  #ownOf(type: number): Own {
    const known = this.#own.get(type);
    if (known) return known;
    const made: Own = { name: this.#nameOf(type), given: new WeakSet() };
    this.#own.set(type, made);
    return made;
  }

  /** The class that the engine makes and calls in place of the author's; its members are filled in by the caller. */
  define(type: number, author: AnyClass, construct: (...args: unknown[]) => unknown): AnyClass {
    const own = this.#ownOf(this.#declared(type));
    const engine = this.#engine;
    class StandIn {
      constructor(...args: unknown[]) {
        // biome-ignore lint/correctness/noConstructorReturn: what is constructed is the author's object, in its stand-in
        return construct(...args) as StandIn;
      }

      /** The host has let go of it. */
      [Symbol.dispose](): void {
        const object = (this as unknown as Stand)[AUTHORS] as Partial<Disposable>;
        own.given.delete(object);
        try {
          object[Symbol.dispose]?.();
        } catch (error) {
          engine.report(`${own.name}[Symbol.dispose]() ${describeError(error)}`);
        }
      }
    }
    own.author = author;
    own.stand = StandIn;
    return StandIn;
  }

  /** The engine's class for a resource of the host's. */
  useHost(type: number, host: AnyClass): void {
    this.#hosts.set(this.#declared(type), host);
    const ended = this.#ended;
    const { prototype } = host as { prototype: Partial<Disposable> };
    const dispose = prototype[Symbol.dispose];
    prototype[Symbol.dispose] = function (this: object) {
      if (ended.has(this)) return;
      ended.set(this, 'was disposed of');
      dispose?.call(this);
    };
  }
}
