// Owns the two directions of a call: an export around the author's function, an import around the engine's.
import type { TypeDescriptor, TypeRef } from '../descriptor.js';
import { lowerCamel } from '../names.js';
import { type Codec, type CodecOf, codecs } from './codec.js';
import type { Engine } from './engine.js';
import { placed, within } from './mismatch.js';
import { refuseWhileBuilding } from './phase.js';
import { describeError } from './positions.js';
import { Resources } from './resources.js';
import { WitError } from './wit-error.js';

/** A function as the generated code names it. */
export interface Signature {
  /** For messages: `quotes.quote`, `acme:shop/stock.count`. */
  place: string;
  params: readonly { name: string; type: TypeRef }[];
  result?: TypeRef;
}

/** What becomes of a promise where the engine does not wait. */
export const NO_PROMISES =
  'a promise, which quickjs cannot wait for; make it synchronous, or build with --engine starlingmonkey';

const NO_ERROR_CASE =
  'an Error is no error case of a result whose error type is not string; throw new WitError(value) with one that is';

type AnyFunction = (...args: unknown[]) => unknown;
type Lift = (value: unknown) => unknown;

interface Outcome {
  isResult: boolean;
  ok: Codec | undefined;
  err: Codec | undefined;
  errIsString: boolean;
}

export class Boundary {
  readonly resources: Resources;
  readonly #engine: Engine;
  readonly #types: readonly TypeDescriptor[];
  readonly #ofExports: CodecOf;
  readonly #ofImports: CodecOf;

  /** `exported` are the interfaces whose resources are the guest's, where functions of exports have to do with them. */
  constructor(engine: Engine, types: readonly TypeDescriptor[], exported: readonly string[]) {
    this.#engine = engine;
    this.#types = types;
    this.resources = new Resources(engine, types, exported);
    this.#ofExports = codecs(types, engine.dialect, this.resources.ofExports);
    this.#ofImports = codecs(types, engine.dialect, this.resources.ofImports);
  }

  /** Whether an export may answer a promise. */
  get awaits(): boolean {
    return this.#engine.awaits;
  }

  /** The function that the engine calls, around `implementation` as a method of `self`. */
  exported(signature: Signature, self: unknown, implementation: AnyFunction): AnyFunction {
    const engine = this.#engine;
    const lifts = signature.params.map(({ type }) => this.#ofExports(type).lift as Lift | undefined);
    const outcome = this.#outcome(signature.result, this.#ofExports);
    const { isResult, ok } = outcome;

    const trap = (error: unknown) => engine.trap(`${signature.place}() ${describeError(error)}`, isResult);
    const { resources } = this;
    const fail = (error: unknown) => {
      resources.returnLoans();
      return this.#fail(error, outcome, signature, trap);
    };
    const finish = (value: unknown): unknown => {
      if (isPromise(value)) {
        if (engine.awaits) return value.then(finish, fail);
        return trap(new TypeError(`returned ${NO_PROMISES}`));
      }
      let lowered: unknown;
      if (ok) {
        try {
          lowered = ok.lower(value);
        } catch (mismatch) {
          return trap(placed(mismatch, 'result'));
        }
      }
      resources.returnLoans();
      return isResult ? engine.returned(lowered) : lowered;
    };

    const [first] = lifts;
    // Almost every function has none or one, and arrays of arguments cost as much as a short function.
    switch (lifts.length) {
      case 0:
        return () => {
          let value: unknown;
          try {
            value = implementation.call(self);
          } catch (error) {
            return fail(error);
          }
          return finish(value);
        };
      case 1:
        return (argument) => {
          let value: unknown;
          try {
            value = implementation.call(self, first ? first(argument) : argument);
          } catch (error) {
            return fail(error);
          }
          return finish(value);
        };
      default:
        return (...args) => {
          let value: unknown;
          try {
            for (let index = 0; index < lifts.length; index++) {
              const lift = lifts[index];
              if (lift) args[index] = lift(args[index]);
            }
            value = implementation.apply(self, args);
          } catch (error) {
            return fail(error);
          }
          return finish(value);
        };
    }
  }

  #fail(error: unknown, outcome: Outcome, signature: Signature, trap: (error: unknown) => unknown): unknown {
    const payload = outcome.isResult ? payloadOf(error, outcome) : undefined;
    if (!payload) {
      if (outcome.err) this.#engine.report(NO_ERROR_CASE);
      return trap(error);
    }
    // A result without an error type has no room for the text, which would be lost.
    if (!outcome.err) this.#engine.report(`${signature.place}() ${describeError(error)}`);
    let lowered: unknown;
    try {
      lowered = outcome.err?.lower(payload.value);
    } catch (mismatch) {
      return trap(placed(mismatch, 'error'));
    }
    return this.#engine.failed(lowered);
  }

  /** The function that the author imports, around the engine's. */
  imported(signature: Signature, raw: AnyFunction): AnyFunction {
    const params = signature.params.map(({ name, type }) => ({
      name: lowerCamel(name),
      codec: this.#ofImports(type),
    }));
    const { ok, err, isResult } = this.#outcome(signature.result, this.#ofImports);
    const lift = ok?.lift as Lift | undefined;
    const liftError = err?.lift as Lift | undefined;
    const failed = (payload: unknown) => new WitError(liftError ? liftError(payload) : payload);
    const isTagged = isResult && this.#engine.tagsRenamedResults && this.#isRenamed(signature.result);
    const { resources } = this;
    return (...args) => {
      refuseWhileBuilding(`${signature.place}()`, 'there is no host yet, so call it in a function');
      const lowered = params.map(({ name, codec }, index) => {
        try {
          return codec.lower(args[index]);
        } catch (error) {
          resources.settleMoves(false);
          throw placed(within(error, name), `${signature.place}(): `);
        }
      });
      resources.settleMoves(true);
      let value: unknown;
      try {
        value = raw(...lowered);
      } catch (error) {
        if (!isResult || !hasPayload(error)) throw error;
        throw failed(error.payload);
      }
      if (isTagged) {
        const { tag, val } = value as { tag: 'ok' | 'err'; val?: unknown };
        if (tag === 'err') throw failed(val);
        value = val;
      }
      return lift ? lift(value) : value;
    };
  }

  #outcome(result: TypeRef | undefined, of: CodecOf): Outcome {
    if (result === undefined) return { isResult: false, ok: undefined, err: undefined, errIsString: false };
    const type = this.#resolved(result);
    const structure = typeof type === 'number' ? this.#types[type] : undefined;
    if (structure?.kind !== 'result') {
      return { isResult: false, ok: of(result), err: undefined, errIsString: false };
    }
    const { ok, err } = structure;
    return {
      isResult: true,
      ok: ok === undefined ? undefined : of(ok),
      err: err === undefined ? undefined : of(err),
      errIsString: err !== undefined && this.#resolved(err) === 'string',
    };
  }

  #isRenamed(type: TypeRef | undefined): boolean {
    return typeof type === 'number' && this.#types[type]?.kind === 'alias';
  }

  #resolved(type: TypeRef): TypeRef {
    const structure = typeof type === 'number' ? this.#types[type] : undefined;
    return structure?.kind === 'alias' ? this.#resolved(structure.type) : type;
  }
}

/** What a thrown value means as the error case, if it can mean that at all. */
function payloadOf(error: unknown, { err, errIsString }: Outcome): { value: unknown } | undefined {
  if (hasPayload(error)) return { value: error.payload };
  if (!(error instanceof Error)) return { value: error };
  if (errIsString) return { value: error.message };
  return err ? undefined : { value: undefined };
}

function hasPayload(error: unknown): error is { payload: unknown } {
  return typeof error === 'object' && error !== null && Object.hasOwn(error, 'payload');
}

function isPromise(value: unknown): value is Promise<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Promise<unknown>).then === 'function'
  );
}
