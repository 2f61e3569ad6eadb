// The benchmark's guest in TypeScript. `guests/rust` does the same work, line by line.
import { add } from 'hl:bench/host-api';

let called = 0;

export function noop(): void {
  called += 1;
}

export function calls(): number {
  return called;
}

export function hello(name: string): string {
  return `Hello, ${name}!`;
}

export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}

export function hostCalls(count: number, seed: number): number {
  let sum = seed;
  for (let call = 0; call < count; call++) sum = add(sum, 1);
  return sum;
}

export function spin(): void {
  for (;;) called += 1;
}
