// Owns what may come of a call whose guest says anything: a value of its type, or one of these errors.
import { isDeepStrictEqual } from 'node:util';
import { HyperlightError, WitError } from '../../../src/index.ts';
import { type Called, REFUSING } from './functions.ts';
import type { Heard } from './host.ts';
import { LIE, type Plan, type PlannedCall } from './plan.ts';

export type Outcome =
  | { readonly returned: true; readonly value: unknown }
  | { readonly returned: false; readonly thrown: unknown };

export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { returned: true, value: await call };
  } catch (thrown) {
    return { returned: false, thrown };
  }
}

/** What becomes of a guest that says what no runtime does at that moment. */
const ENDS = ['ERR_HL_BREACH', 'ERR_HL_TRAP', 'ERR_HL_LIMIT', 'ERR_HL_GUEST_PANIC', 'ERR_HL_COMPONENT_START'];

/** Where a context is when a call in it begins. */
export interface Course {
  hasEnded: boolean;
  /** Its guest has said what was not asked: what it answers from then on may be the answer to another call. */
  isAstray: boolean;
  /** Numbers of the component's resources, which the host has objects for. */
  readonly tokens: Set<number>;
}

/** Throws if nobody may see what came of it. */
export function judge(
  plan: Plan,
  heard: readonly Heard[],
  outcome: Outcome,
  { hasEnded, isAstray, tokens }: Readonly<Course>,
): void {
  if (hasEnded) return expectCode(outcome, ['ERR_HL_CLOSED']);
  if (!plan.isOpen && !isAstray) return judgeExactly(plan, heard, outcome);
  if (plan.isInterface && outcome.returned && !isAstray) takeTokens(plan, tokens);
  if (isOfItsType(plan, outcome)) return;
  const refuses = isAstray || plan.calls.some(isRefused);
  expectCode(outcome, [
    'ERR_HL_PROTOCOL',
    ...(refuses ? ['ERR_HL_HOST_FUNCTION'] : []),
    ...(isAstray ? ENDS : []),
  ]);
}

const isRefused = ({ host }: PlannedCall): boolean => typeof host === 'object' && host.name === REFUSING;

/** Bytes mean what they mean; and after its first lie, nothing that the guest says is heard. */
function judgeExactly(
  { calls, function: { throws }, value }: Plan,
  heard: readonly Heard[],
  outcome: Outcome,
): void {
  const lie = calls.findIndex(({ values }) => values === LIE);
  const believed = lie < 0 ? calls : calls.slice(0, lie);
  const wanted = believed.map(({ host, values }) => ({ name: (host as Called).name, args: values }));
  if (!isDeepStrictEqual(heard, wanted))
    throw new Error(`host functions heard ${shown(heard)}, not ${shown(wanted)}`);
  if (lie >= 0) return expectCode(outcome, ['ERR_HL_PROTOCOL']);
  if (calls.some(isRefused)) return expectCode(outcome, ['ERR_HL_HOST_FUNCTION']);
  if (value === LIE) return expectCode(outcome, ['ERR_HL_PROTOCOL']);
  if (!outcome.returned && !(throws && isWit(outcome.thrown)))
    throw new Error(`${shown(value)} was refused: ${outcome.thrown}`, { cause: outcome.thrown });
  const arrived = throws ? tagged(outcome) : resultOf(outcome);
  if (!isDeepStrictEqual(arrived, value)) throw new Error(`${shown(value)} arrived as ${shown(arrived)}`);
}

/** A number stands for one resource only. */
function takeTokens({ value }: Plan, tokens: Set<number>): void {
  if (value === LIE) throw new Error('tokens were made of what names none');
  for (const number of [value].flat() as number[]) {
    if (tokens.has(number)) throw new Error(`two tokens have the number ${number}`);
    tokens.add(number);
  }
}

const resultOf = (outcome: Outcome): unknown => (outcome.returned ? outcome.value : outcome.thrown);

const isWit = (thrown: unknown): thrown is WitError => thrown instanceof WitError;

/** Of a function whose result is a WIT `result`: as that lies inside other values. */
function tagged(outcome: Outcome): unknown {
  const [tag, val] = outcome.returned
    ? ['ok', outcome.value]
    : ['err', (outcome.thrown as WitError).payload as unknown];
  return val === undefined ? { tag } : { tag, val };
}

function isOfItsType({ function: { result, throws } }: Plan, outcome: Outcome): boolean {
  if (!outcome.returned && !(throws && isWit(outcome.thrown))) return false;
  const value = throws ? tagged(outcome) : resultOf(outcome);
  const isRight = result === undefined ? value === undefined : result.is(value);
  if (!isRight) throw new Error(`${shown(value)} is not of its type`);
  return true;
}

function expectCode(outcome: Outcome, codes: readonly string[]): void {
  if (outcome.returned) throw new Error(`${shown(outcome.value)} was answered, not ${codes.join(' or ')}`);
  const { thrown } = outcome;
  if (thrown instanceof HyperlightError && codes.includes(thrown.code)) return;
  throw new Error(`${thrown} instead of ${codes.join(' or ')}`, { cause: thrown });
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))?.slice(0, 400) ??
  String(value);
