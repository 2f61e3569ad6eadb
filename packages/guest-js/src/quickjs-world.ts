// Owns the world that QuickJS is built with: the author's, and what console and chance need of WASI.
import type { WorldDescriptor } from './descriptor.js';
import { lastPart } from './names.js';
import type { World } from './world.js';

/**
 * The version under which the world names WASI: the first patch of 0.2 that the author's WIT does not define in part.
 * A host that offers any 0.2 offers what is needed of it.
 */
function wasiVersion(wit: string): string {
  for (let patch = 0; ; patch++) {
    const version = `0.2.${patch}`;
    if (!new RegExp(`package wasi:(random|io|cli)@${version.replaceAll('.', '\\.')}[^.\\d]`).test(wit))
      return version;
  }
}

export const QUICKJS_WORLD = 'hl-guest-build';

/** An export for the component itself, which is hidden in the end. Its parameter stands for a resource. */
export const DISPOSE = 'hl-guest-dispose';

const INTERFACES = { random: 'wasi:random/random', stdout: 'wasi:cli/stdout', stderr: 'wasi:cli/stderr' };

/** The full name of one of the interfaces that the code in `guest` imports. */
export function wasiSpecifier(name: string, { wit }: World): string {
  return `${INTERFACES[name as keyof typeof INTERFACES]}@${wasiVersion(wit)}`;
}

const packages = (version: string): Record<string, string> => ({
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
    use wasi:io/streams@${version}.{output-stream};
    get-stdout: func() -> output-stream;
  }
  interface stderr {
    use wasi:io/streams@${version}.{output-stream};
    get-stderr: func() -> output-stream;
  }`,
});

export function exportsResources({ exports, types }: WorldDescriptor): boolean {
  return exports.some((face) =>
    face.types.some((type) => types[type]?.kind === 'resource' && types[type]?.owner === face.name),
  );
}

/** WIT text of one file whose world `QUICKJS_WORLD` includes the author's. */
export function quickjsWit(world: World): string {
  const { descriptor, wit } = world;
  const version = wasiVersion(wit);
  const imports = Object.keys(INTERFACES).map((name) => `  import ${wasiSpecifier(name, world)};`);
  const own = Object.entries(packages(version)).map(
    ([name, body]) => `package ${name}@${version} {${body}\n}`,
  );
  const declared = [
    `world ${QUICKJS_WORLD} {`,
    `  include %${lastPart(descriptor.name)};`,
    ...imports,
    ...(exportsResources(descriptor) ? [`  export ${DISPOSE}: func(of: u32);`] : []),
    '}',
  ];
  return [wit, declared.join('\n'), ...own].join('\n\n');
}
