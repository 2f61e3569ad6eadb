// Describes the globals that both engines have, or that this folder gives them.
declare const performance: { now(): number };
declare const crypto: { getRandomValues<T extends ArrayBufferView>(into: T): T; randomUUID(): string };
declare const console: { log(...values: unknown[]): void; error(...values: unknown[]): void };
