// Owns the types of wit.mjs, for tests.
import type { RandomType, RandomTypes } from './types.mjs';

export function witOf(type: RandomType): string;
export function isListed(type: RandomType): boolean;
export function worldOf(types: RandomTypes, packageName: string): string;
