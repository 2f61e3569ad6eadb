// Owns the host functions of one attacked sandbox: what they are called with is compared with their types, and kept.
import { WitError } from '../../../src/index.ts';
import { CALLED, REFUSING, Thing } from './functions.ts';

export interface Heard {
  readonly name: string;
  readonly args: readonly unknown[];
}

type Tagged = { readonly tag: string; readonly val: unknown };

const jsName = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

export class HostFunctions {
  heard: Heard[] = [];
  /** A call of its sandbox is under way. */
  isInCall = false;
  /** What a host function was called with, or when, though it must not be. */
  #wrong: string | undefined;
  readonly #behaviour: Record<string, (it: never) => unknown> = {
    'take-either': ({ tag, val }: Tagged) => {
      if (tag === 'err') throw new WitError(val);
      return val;
    },
    'take-many': () => 7,
    later: async (it: string) => it,
    [REFUSING]: () => {
      throw new Error('refused');
    },
    give: () => new Thing(),
    'hand-back': () => undefined,
    show: () => undefined,
  };

  readonly imports = {
    'hl:answer/host': {
      Thing,
      ...Object.fromEntries(
        CALLED.filter(({ name }) => !name.startsWith('[')).map(({ name }) => [
          jsName(name),
          (...args: unknown[]) => this.#called(name, args),
        ]),
      ),
    },
  };

  begin(): void {
    this.heard = [];
    this.isInCall = true;
  }

  /** Throws if a function was called that must not have been. */
  end(): void {
    this.isInCall = false;
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
  }

  #called(name: string, args: unknown[]): unknown {
    const { params } = CALLED.find((one) => one.name === name)!;
    this.heard.push({ name, args });
    if (!this.isInCall) this.#wrong ??= `${name} was called while there was no call`;
    if (args.length !== params.length || !params.every((param, index) => param.is(args[index]))) {
      this.#wrong ??= `${name} was called with what is not of its types: ${args.map(String)}`;
    }
    const behaviour = this.#behaviour[name] as ((it: unknown) => unknown) | undefined;
    return behaviour === undefined ? args[0] : behaviour(args[0]);
  }
}
