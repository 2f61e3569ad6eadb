// Owns the types of types.mjs, for tests.

export interface RandomType {
  readonly kind: string;
  readonly name?: string;
}
export interface RandomTypes {
  readonly types: readonly RandomType[];
  readonly named: readonly RandomType[];
}
export type Next = () => number;

export const TYPES: number;
export const TYPES_SEED: number;
export function random(seed: number): Next;
export function keyOf(prefix: string, index: number): string;
export function randomTypes(count: number, seed: number, rich: boolean): RandomTypes;
export function makeValue(type: RandomType, next: Next): unknown;
export function tell(type: RandomType, value: unknown): string;
