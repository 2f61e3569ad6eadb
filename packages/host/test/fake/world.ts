// Owns the world that tests with the stand-ins use, and its guest.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceNative } from '../../src/binding.ts';
import type { FunctionDescriptor, TypeDescriptor, TypeRef } from '../../src/descriptor.ts';
import { Sandbox } from '../../src/index.ts';
import { FakeBinding, type GuestCall, GuestError, type GuestFunction } from './binding.ts';
import { componentOf, type FakeWorld, fakeCompiler } from './compiler.ts';

export function functionOf(name: string, params: TypeRef[], result?: TypeRef): FunctionDescriptor {
  const named = params.map((type, index) => ({ name: `p${index}`, type }));
  const list = named.map((param) => `${param.name}: ${param.type}`).join(', ');
  const arrow = result === undefined ? '' : ` -> ${result}`;
  return {
    name,
    kind: 'function',
    params: named,
    ...(result === undefined ? {} : { result }),
    wit: `${name}: func(${list})${arrow}`,
  };
}

const types: TypeDescriptor[] = [{ kind: 'result', ok: 'u8', err: 'string' }];

/** A guest that asks nothing of the host. */
const plain = (run: (call: GuestCall) => Uint8Array): GuestFunction =>
  function* (call) {
    yield* [];
    return run(call);
  };

const guests: Record<string, [FunctionDescriptor, GuestFunction]> = {
  increment: [functionOf('increment', ['u8'], 'u8'), plain(({ request }) => Uint8Array.of(request[0]! + 1))],
  count: [functionOf('count', [], 'u8'), plain(({ state }) => Uint8Array.of(++state.counter))],
  'count-later': [
    functionOf('count-later', [], 'u8'),
    function* ({ state }) {
      yield 'later';
      return Uint8Array.of(++state.counter);
    },
  ],
  loop: [
    functionOf('loop', []),
    function* () {
      yield 'forever';
      return new Uint8Array();
    },
  ],
  trap: [
    functionOf('trap', []),
    plain(() => {
      throw new GuestError({
        code: 'trap',
        trap: 'unreachable',
        message: 'unreachable executed',
        stack: 'f',
      });
    }),
  ],
  ask: [
    functionOf('ask', ['u8'], 'u8'),
    function* ({ request }) {
      return yield { import: 0, arguments: request };
    },
  ],
  'ask-wrongly': [
    functionOf('ask-wrongly', [], 'u8'),
    function* () {
      return yield { import: 0, arguments: Uint8Array.of(1, 2) };
    },
  ],
  'ask-result': [
    functionOf('ask-result', ['u8'], 0),
    function* ({ request }) {
      return yield { import: 1, arguments: request };
    },
  ],
  say: [
    functionOf('say', []),
    function* () {
      yield { stdout: 'hello' };
      return new Uint8Array();
    },
  ],
  lie: [functionOf('lie', [], 'bool'), plain(() => Uint8Array.of(7))],
};

export const world: FakeWorld = {
  types,
  imports: [
    {
      name: 'acme:shop/stock@1.0.0',
      functions: [functionOf('count', ['u8'], 'u8'), functionOf('try-count', ['u8'], 0)],
      types: [],
    },
  ],
  exports: [{ name: null, functions: Object.values(guests).map(([descriptor]) => descriptor), types: [] }],
};

export interface Fake {
  readonly binding: FakeBinding;
  readonly compiler: ReturnType<typeof fakeCompiler>;
}

/** Puts the stand-ins into place, with a cache of their own. */
export function installFake(): Fake {
  const binding = new FakeBinding();
  const compiler = fakeCompiler();
  binding.guests = Object.values(guests).map(([, guest]) => guest);
  process.env['XDG_CACHE_HOME'] = mkdtempSync(join(tmpdir(), 'hl-cache-'));
  replaceNative({ ok: true, native: { binding, compilerPath: compiler.path } });
  return { binding, compiler };
}

const stock = { count: (n: number) => n, tryCount: (n: number) => n };

/** A sandbox of `world`; what is not said otherwise is granted. */
export function createFake(options: Partial<Parameters<typeof Sandbox.create>[0]> = {}): Promise<Sandbox> {
  return Sandbox.create({ component: componentOf(world), imports: { stock }, ...options } as never);
}
