// Owns where things are: this runs as dist/main.js, and as src/*.ts in tests, both one folder below the package.
import { resolve } from 'node:path';

export const packageFolder = resolve(import.meta.dirname, '..');
export const root = resolve(packageFolder, '../..');

export const inPackage = (...path: string[]): string => resolve(packageFolder, ...path);
export const inRoot = (...path: string[]): string => resolve(root, ...path);
