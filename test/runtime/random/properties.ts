// Owns what holds of the values of each type, whoever the guest is: they come back, are told, made and relayed as they are.
import type { Sandbox } from '@hl/host';
import { expect, test } from 'vitest';
import type { Api } from '../support/runtimes.js';
import { otherForm } from './forms.mjs';
import { keyOf, makeValue, type RandomType, random, tell } from './types.mjs';
import { isListed, witOf } from './wit.mjs';

export const SEED = Number(process.env['HL_SEED'] ?? Date.now() % 2 ** 31);
/** Of each type: in lists, one by one, made by the guest, and each way through the host's function. */
const [ECHOED, TOLD, MADE, RELAYED] = [60, 5, 35, 10];
/** Without those that the host's functions get and give. */
export const VALUES = ECHOED + TOLD + MADE;

/** Types of one test, which has a context of its own. */
const CHUNK = 20;

type Functions = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The tests of a sandbox that was made with the imports of `exchange`. */
export function everyTypeHolds(
  types: readonly RandomType[],
  exchange: Exchange,
  sandbox: () => Promise<Sandbox>,
): void {
  const properties = {
    'there and back': mustPass,
    relayed: exchange.mustRelay.bind(exchange),
  };
  for (const [name, mustHold] of Object.entries(properties)) {
    test.each(Array.from({ length: types.length / CHUNK }, (_, chunk) => chunk * CHUNK))(
      `${name}, of types from %i on`,
      async (first) => {
        await using context = await (await sandbox()).context();
        const { values } = context.exports;
        for (let index = first; index < first + CHUNK; index++) await mustHold(types[index]!, index, values);
      },
    );
  }
}

/** Every second value is sent in another form, which must make no difference. */
async function mustPass(type: RandomType, index: number, values: Functions): Promise<void> {
  const next = random(SEED + index);
  const make = (): unknown => makeValue(type, next);
  const echoed = Array.from({ length: ECHOED }, make);
  expect(await values[keyOf('echo', index)]!(inOtherForms(type, echoed)), witOf(type)).toEqual(echoed);
  const told = Array.from({ length: TOLD }, make);
  for (const [at, sent] of inOtherForms(type, told).entries()) {
    expect(await values[keyOf('tell', index)]!(sent), witOf(type)).toBe(tell(type, told[at]));
  }
  const made = valuesOf(type, SEED + index, MADE);
  expect(await values[keyOf('make', index)]!(SEED + index, MADE), witOf(type)).toEqual(made);
}

/** What the guests give to the host's functions, and what these give for it. */
export class Exchange {
  readonly imports: Record<string, Record<string, (value: never) => unknown>>;
  #seen: unknown[] = [];
  #answers: unknown[] = [];

  constructor(types: readonly RandomType[], { WitError }: Api) {
    const swaps = types.map((type, index) => {
      const swap = (value: unknown): unknown => {
        this.#seen.push(isListed(type) ? (value as unknown[])[0] : value);
        const answer = this.#answers.shift();
        if (type.kind !== 'result') return answer;
        const { tag, val } = answer as { tag: string; val?: unknown };
        if (tag === 'err') throw new WitError(val);
        return val;
      };
      return [keyOf('swap', index), swap];
    });
    this.imports = { 'test:random/host': Object.fromEntries(swaps) };
  }

  /** The guest makes values and gives them to the host's function, which gives others, and tells what those are. */
  async mustRelay(type: RandomType, index: number, values: Functions): Promise<void> {
    const answers = valuesOf(type, SEED - index - 1, RELAYED);
    this.#seen = [];
    this.#answers = inOtherForms(type, answers);
    const told = await values['relay']!(index, SEED + index, RELAYED);
    expect(this.#seen, `given to the host: ${witOf(type)}`).toEqual(valuesOf(type, SEED + index, RELAYED));
    expect(told, `given by the host: ${witOf(type)}`).toEqual(answers.map((value) => tell(type, value)));
  }
}

function valuesOf(type: RandomType, seed: number, count: number): unknown[] {
  const next = random(seed);
  return Array.from({ length: count }, () => makeValue(type, next));
}

function inOtherForms(type: RandomType, values: readonly unknown[]): unknown[] {
  const next = random(SEED);
  return values.map((value, at) => (at % 2 === 0 ? value : otherForm(type, value, next, false)));
}
