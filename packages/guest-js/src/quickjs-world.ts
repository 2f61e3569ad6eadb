// Owns the world that QuickJS is built with: the author's, and what console and chance need of WASI.
import { lastPart } from './names.js';
import type { World } from './world.js';

/** The lowest there is: a host that offers a later 0.2 offers all of this. */
const WASI_VERSION = '0.2.0';

export const QUICKJS_WORLD = 'hl-guest-build';

const INTERFACES = { random: 'wasi:random/random', stdout: 'wasi:cli/stdout', stderr: 'wasi:cli/stderr' };

/** The full name of one of the interfaces that the code in `guest` imports. */
export function wasiSpecifier(name: string): string {
  return `${INTERFACES[name as keyof typeof INTERFACES]}@${WASI_VERSION}`;
}

const PACKAGES: Record<string, string> = {
  'wasi:random': `
  interface random {
    get-random-bytes: func(len: u64) -> list<u8>;
    get-random-u64: func() -> u64;
  }`,
  'wasi:io': `
  interface error { resource error; }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource output-stream {
      blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
    }
  }`,
  'wasi:cli': `
  interface stdout {
    use wasi:io/streams@${WASI_VERSION}.{output-stream};
    get-stdout: func() -> output-stream;
  }
  interface stderr {
    use wasi:io/streams@${WASI_VERSION}.{output-stream};
    get-stderr: func() -> output-stream;
  }`,
};

/** WIT text of one file whose world `QUICKJS_WORLD` includes the author's. */
export function quickjsWit({ descriptor, wit }: World): string {
  const imports = Object.keys(INTERFACES).map((name) => `  import ${wasiSpecifier(name)};`);
  const packages = Object.entries(PACKAGES)
    // A package that the author's world uses in this very version is there already.
    .filter(([name]) => !wit.includes(`package ${name}@${WASI_VERSION}`))
    .map(([name, body]) => `package ${name}@${WASI_VERSION} {${body}\n}`);
  const world = [`world ${QUICKJS_WORLD} {`, `  include %${lastPart(descriptor.name)};`, ...imports, '}'];
  return [wit, world.join('\n'), ...packages].join('\n\n');
}
