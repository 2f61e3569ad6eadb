// The plug-in: becomes plugin.wasm, and runs in a micro-VM.
import { cents } from 'app:plugin/prices';

export function total(names: string[]): number {
  let sum = 0;
  for (const name of names) {
    const price = cents(name);
    if (price === undefined) throw new Error(`there is no ${name}`);
    sum += price;
  }
  return sum;
}
