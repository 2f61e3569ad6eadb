// Owns the types of forms.mjs, for tests.
import type { Next, RandomType } from './types.mjs';

export function otherForm(type: RandomType, value: unknown, next: Next, forGuest: boolean): unknown;
