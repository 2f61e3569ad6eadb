// Owns the components that tests in real VMs use, and how a sandbox of one is made for a test and taken away after it.
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { replaceNative } from '../../src/binding.ts';
import { Sandbox } from '../../src/index.ts';

export type ComponentName =
  | 'handles'
  | 'conformance'
  | 'traps'
  | 'counter'
  | 'bad-list'
  | 'resource-interface'
  | 'program';

export const pathOf = (name: ComponentName): string =>
  fileURLToPath(new URL(`../../../../test/components/dist/${name}.wasm`, import.meta.url));

const host = {
  add: (a: number, b: number): unknown => a + b,
  notify: (): unknown => undefined,
  transform: (text: string): unknown => text.toUpperCase(),
  describe: (people: readonly { name: string }[]): unknown => people.map((one) => one.name).join(),
  manyParameters: (...args: unknown[]): unknown => [args[0], args[1], args[2]],
};

/** What the conformance component may call, some of it replaced. */
export const hostWith = (replaced: Partial<typeof host> = {}) => ({
  'hl:conformance/host': { ...host, ...replaced },
});

/** A sandbox in a real VM, closed after the test. */
export async function sandboxOf(name: ComponentName, options: object = {}): Promise<Sandbox> {
  replaceNative(undefined);
  const imports = name === 'conformance' ? hostWith() : {};
  const sandbox = await Sandbox.create({ component: pathOf(name), imports, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}
