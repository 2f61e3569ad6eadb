// Owns what a row of the fault table is, and how what an attempt came to is compared with what it should.
import { existsSync } from 'node:fs';
import type { Fate } from './fate.js';
import type { Ground } from './ground.js';

export interface Row {
  readonly name: string;
  /** Makes the attempt: what it answers, or how it rejects, is compared. */
  readonly attempt: (ground: Ground) => Promise<unknown>;
  readonly expected: Expected;
  /** What becomes of the VM, where it does not follow from the error; `either` where that depends on the moment. */
  readonly afterwards?: 'put back' | 'replaced' | 'either';
}

/** What an attempt comes to: one thing, or what it comes to on this hypervisor. */
export type Expected = Outcome | { readonly pvm: Expected; readonly stock: Expected } | OneOf;

/** Where CPUs differ, or the guest races with the host: any of them, and nothing else. */
interface OneOf {
  readonly oneOf: readonly Outcome[];
}

export type Outcome =
  /** The guest was told of an exception, and answered that. */
  | { readonly exception: string; readonly errorCode: number; readonly address?: string }
  /** Nothing stopped it. Instructions that read something may find what they like. */
  | { readonly ran: true }
  | { readonly answer: unknown }
  | { readonly error: string; readonly message: string };

/** PVM runs guests without the CPU's help, and says itself what becomes of privileged instructions. */
export const HYPERVISOR = existsSync('/sys/module/kvm_pvm') ? 'pvm' : 'stock';

const EXCEPTIONS: Record<number, string> = {
  0: '#DE',
  1: '#DB',
  3: '#BP',
  4: '#OF',
  5: '#BR',
  6: '#UD',
  7: '#NM',
  13: '#GP',
  14: '#PF',
  16: '#MF',
  17: '#AC',
  19: '#XM',
};

export function exceptionName(vector: number): string {
  return EXCEPTIONS[vector] ?? `exception ${vector}`;
}

export const RAN: Outcome = { ran: true };
export const GP: Outcome = { exception: '#GP', errorCode: 0 };
export const UD: Outcome = { exception: '#UD', errorCode: 0 };
export const DB: Outcome = { exception: '#DB', errorCode: 0 };

export const gp = (errorCode: number): Outcome => ({ exception: '#GP', errorCode });

/** A page fault: its error code says what was tried (1: there is a page, 2: write, 4: ring 3, 16: execute). */
export const pf = (errorCode: number, address: bigint): Outcome => ({
  exception: '#PF',
  errorCode,
  address: address.toString(16),
});

export const exception = (name: string): Outcome => ({ exception: name, errorCode: 0 });
export const answer = (value: unknown): Outcome => ({ answer: value });
export const failure = (error: string, message: string): Outcome => ({ error, message });

export const breach = (what: string): Outcome =>
  failure('ERR_HL_BREACH', `attack: the VM was stopped, it did what no guest may: ${what}`);

export const timeout = (timeoutMs: number): Outcome =>
  failure('ERR_HL_TIMEOUT', `attack took longer than timeoutMs (${timeoutMs} ms)`);

/** What each of these errors ends with. */
export const RAISE = 'raise it if the guest is trusted with more';

export const overLimit = (limit: string, value: number): Outcome =>
  failure(
    'ERR_HL_LIMIT',
    `attack went past limits.${limit} (${value}); ${
      limit === 'memoryBytes'
        ? `tables, stacks and what the runtime keeps have a quarter of it: ${RAISE}`
        : RAISE
    }`,
  );

export const oneOf = (...outcomes: Outcome[]): Expected => ({ oneOf: outcomes });

/** Every value that may be meant here. */
export function allowed(expected: Expected): readonly Outcome[] {
  if ('oneOf' in expected) return expected.oneOf;
  if ('pvm' in expected) return allowed(expected[HYPERVISOR]);
  return [expected];
}

/** What came of an attempt, in the words of the table. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<Outcome> {
  try {
    const value = await attempt;
    return isOutcome(value) ? value : { answer: value };
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string };
    return { error: code ?? String(thrown), message };
  }
}

/** Of a single attempt: what the exception was, or that there was none. */
export function fateOf({ trapped, value, errorCode, address }: Fate): Outcome {
  if (!trapped) return RAN;
  const outcome = { exception: exceptionName(Number(value)), errorCode: Number(errorCode) };
  return outcome.exception === '#PF' ? { ...outcome, address: address.toString(16) } : outcome;
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && ('exception' in value || 'ran' in value);
}

/** After these errors the VM is never used again. */
const REPLACED: readonly string[] = ['ERR_HL_BREACH', 'ERR_HL_PROTOCOL'];

export function afterwardsOf(row: Row, outcome: Outcome): 'put back' | 'replaced' | 'either' {
  if (row.afterwards !== undefined) return row.afterwards;
  return 'error' in outcome && REPLACED.includes(outcome.error) ? 'replaced' : 'put back';
}
