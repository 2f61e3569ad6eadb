// Owns which functions of WASI 0.2 are served in isolation, and how each answers: as inside the VM.

/** `empty`: the empty value of the result's type. `refused`: that err case. Otherwise there is code for it. */
export type Answer =
  | { readonly kind: 'served' | 'empty' }
  | { readonly kind: 'refused'; readonly as: string };

const served: Answer = { kind: 'served' };
const empty: Answer = { kind: 'empty' };
const refused = (as: string): Answer => ({ kind: 'refused', as });

/** By interface without `wasi:` and version. The first that matches decides; `*` is for what begins alike. */
const INTERFACES: Readonly<Record<string, readonly (readonly [pattern: string, answer: Answer])[]>> = {
  'cli/exit': [['*', served]],
  'cli/stdin': [['*', served]],
  'cli/stdout': [['*', served]],
  'cli/stderr': [['*', served]],
  'clocks/monotonic-clock': [['*', served]],
  'clocks/wall-clock': [['*', served]],
  'filesystem/types': [
    ['[method]descriptor.is-same-object', empty],
    ['[method]*', refused('access')],
    ['*', empty],
  ],
  'http/outgoing-handler': [['*', refused('HTTP-request-denied')]],
  'io/poll': [['*', served]],
  'io/streams': [
    ['[method]input-stream.subscribe', served],
    ['[method]input-stream.*', refused('closed')],
    ['[method]output-stream.splice', refused('closed')],
    ['[method]output-stream.blocking-splice', refused('closed')],
    ['[method]output-stream.flush', empty],
    ['[method]output-stream.blocking-flush', empty],
    ['*', served],
  ],
  'random/random': [['*', served]],
  'random/insecure': [['*', served]],
  'random/insecure-seed': [['*', served]],
  'sockets/ip-name-lookup': [
    ['[method]resolve-address-stream.subscribe', empty],
    ['*', refused('access-denied')],
  ],
  'sockets/tcp-create-socket': [['*', refused('access-denied')]],
  'sockets/udp-create-socket': [['*', refused('access-denied')]],
};

/** Everything else of these packages is empty. */
const PACKAGES = ['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets'];

/** `interfaceName` is the full name with version. Undefined: it is not served. */
export function answerOf(interfaceName: string, functionName: string): Answer | undefined {
  const [, name, version] = /^wasi:([^@]+)@(.+)$/.exec(interfaceName) ?? [];
  // Within 0.2 versions only ever add.
  if (name === undefined || !version!.startsWith('0.2.') || !PACKAGES.includes(name.split('/')[0]!))
    return undefined;
  if (name === 'http/incoming-handler' || name === 'cli/run') return undefined;
  const matching = (INTERFACES[name] ?? []).find(([pattern]) => matches(pattern, functionName));
  return matching?.[1] ?? empty;
}

export const isServed = (interfaceName: string, functionName: string): boolean =>
  answerOf(interfaceName, functionName) !== undefined;

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
