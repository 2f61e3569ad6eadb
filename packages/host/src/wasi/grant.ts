// Owns which WASI functions the host serves for a component, and the objects that serve them.
import type { WorldDescriptor } from '../descriptor.js';
import { SnapshotError } from '../errors/classes.js';
import { withoutVersion } from '../names.js';
import { clockInterfaces } from './clocks.js';
import { Descriptor } from './filesystem/descriptor.js';
import { DirectoryEntryStream } from './filesystem/directory-entries.js';
import { Preopens } from './filesystem/preopens.js';
import { httpInterfaces } from './http/interfaces.js';
import { Quota } from './http/quota.js';
import type { ParsedWasi } from './options.js';
import { requireWasiSignatures } from './signatures.js';
import { type OutputTarget, outputStream, Stdin } from './standard-streams.js';
import { InputStream, IoError, OutputStream } from './streams.js';
import { Pollable, poll } from './waiting.js';

/** WASI 0.2 in all its versions: within 0.2 versions only ever add. */
const WASI = /^wasi:([a-z0-9-]+\/[a-z0-9-]+)@0\.2\./;
/** Interfaces with resources: streams and pollables go from one to another, so they are all the VM's or all the host's. */
const STREAMS = /^(io\/|filesystem\/|http\/|cli\/(std|terminal-))/;
export const INCOMING_HANDLER = 'wasi:http/incoming-handler';

/** What is granted to one component. */
export interface Granting {
  /** Which parts, in one word each; a state of the guest is made for these, and no others. */
  readonly parts: readonly string[];
  /** Whether the host serves this function, instead of the VM. */
  serves(interfaceName: string, functionName: string): boolean;
  /** Whether the resources of this interface are the host's. */
  servesResources(interfaceName: string): boolean;
}

/**
 * `undefined` where the VM serves everything. A component that answers HTTP requests is given them as the host's
 * resources, so its streams are the host's too, whatever else is granted.
 */
export function grantingOf(wasi: ParsedWasi | undefined, world: WorldDescriptor): Granting | undefined {
  const answersHttp = world.exports.some(
    ({ name }) => name !== null && withoutVersion(name) === INCOMING_HANDLER,
  );
  if (wasi === undefined && !answersHttp) return undefined;
  const ownClocks = wasi !== undefined && wasi.clocks !== 'real';
  const streams =
    answersHttp || ownClocks || [wasi?.stdin, wasi?.preopens, wasi?.http].some((one) => one !== undefined);
  const servesResources = (interfaceName: string): boolean =>
    streams && STREAMS.test(WASI.exec(interfaceName)?.[1] ?? '');
  const parts = { args: wasi?.args !== undefined, clocks: ownClocks, env: wasi?.env !== undefined, streams };
  return {
    parts: Object.entries(parts).flatMap(([name, isGranted]) => (isGranted ? [name] : [])),
    servesResources,
    serves(interfaceName, functionName) {
      if (servesResources(interfaceName)) return true;
      switch (WASI.exec(interfaceName)?.[1]) {
        case 'cli/environment':
          return (
            (functionName === 'get-environment' && wasi?.env !== undefined) ||
            (functionName === 'get-arguments' && wasi?.args !== undefined)
          );
        case 'clocks/wall-clock':
          return ownClocks;
        case 'clocks/monotonic-clock':
          return ownClocks || (streams && functionName.startsWith('subscribe-'));
        default:
          return false;
      }
    },
  };
}

/** The parts for which a component was found to be right: sandboxes are made of it again and again. */
const right = new WeakMap<WorldDescriptor, Set<string>>();

/** Throws a ComponentError where the component declares what the host serves with other types than WASI has. */
export function requireWasi(world: WorldDescriptor, granting: Granting): void {
  const parts = granting.parts.join();
  const known = right.get(world) ?? new Set();
  if (known.has(parts)) return;
  requireWasiSignatures(world, world.imports, (...one) => granting.serves(...one));
  requireWasiSignatures(world, world.exports, (name) => withoutVersion(name) === INCOMING_HANDLER);
  right.set(world, known.add(parts));
}

/**
 * Throws a SnapshotError where a snapshot's guest was granted other parts than the sandbox that is to start from it:
 * which functions are the host's, and by which number, is part of its state.
 */
export function requireSameParts(ofSnapshot: readonly string[], granting: Granting | undefined): void {
  const parts = granting?.parts ?? [];
  if (ofSnapshot.join() === parts.join()) return;
  throw new SnapshotError(
    'wasi',
    `wasi: the snapshot's guest was granted ${told(ofSnapshot)}, this one is granted ${told(parts)}; grant the same parts (streams are stdin, preopens and http)`,
  );
}

const told = (parts: readonly string[]): string => (parts.length === 0 ? 'nothing' : parts.join(', '));

/** The objects behind the granted functions of one sandbox. */
export class GrantedWasi {
  readonly #interfaces: Readonly<Record<string, object>>;
  readonly #preopens: Preopens;
  readonly #stdin: Stdin;
  readonly #quota: Quota;

  private constructor(interfaces: Record<string, object>, preopens: Preopens, stdin: Stdin, quota: Quota) {
    this.#quota = quota;
    this.#interfaces = interfaces;
    this.#preopens = preopens;
    this.#stdin = stdin;
  }

  /** Throws a TypeError that names the preopen whose folder cannot be had. */
  static async create(wasi: ParsedWasi | undefined, target: OutputTarget): Promise<GrantedWasi> {
    const preopens = await Preopens.open(wasi?.preopens ?? []);
    const stdin = new Stdin(wasi?.stdin);
    const quota = new Quota();
    const interfaces = {
      ...ioInterfaces(),
      ...cliInterfaces(wasi, stdin, target),
      ...clockInterfaces(wasi?.clocks ?? 'real'),
      'wasi:filesystem/types': {
        Descriptor,
        DirectoryEntryStream,
        filesystemErrorCode: (error: IoError) => error.filesystemCode,
      },
      'wasi:filesystem/preopens': { getDirectories: () => preopens.directories() },
      ...httpInterfaces(wasi?.http, quota),
    };
    return new GrantedWasi(interfaces, preopens, stdin, quota);
  }

  /** By the full names under which `world` imports them: it may import two versions of one. */
  importsOf(world: WorldDescriptor, granting: Granting): Record<string, object> {
    const imports: Record<string, object> = {};
    for (const { name, functions } of world.imports) {
      if (name === null) continue;
      const isGranted =
        granting.servesResources(name) || functions.some((one) => granting.serves(name, one.name));
      // Some have nothing but a resource, of which there never is one.
      if (isGranted) imports[name] = this.#interfaces[withoutVersion(name)] ?? {};
    }
    return imports;
  }

  /** What the guest held is gone. */
  stateEnded(): void {
    this.#preopens.stateEnded();
    this.#stdin.stateEnded();
    this.#quota.reset();
  }

  close(): void {
    this.#preopens.close();
    this.#stdin.close();
  }
}

const ioInterfaces = (): Record<string, object> => ({
  'wasi:io/error': { Error: IoError },
  'wasi:io/poll': { Pollable, poll },
  'wasi:io/streams': { InputStream, OutputStream },
});

function cliInterfaces(
  wasi: ParsedWasi | undefined,
  stdin: Stdin,
  target: OutputTarget,
): Record<string, object> {
  return {
    'wasi:cli/environment': {
      getEnvironment: () => wasi?.env ?? [],
      getArguments: () => wasi?.args ?? [],
      initialCwd: () => undefined,
    },
    'wasi:cli/stdin': { getStdin: () => stdin.stream() },
    'wasi:cli/stdout': { getStdout: () => outputStream(1, target) },
    'wasi:cli/stderr': { getStderr: () => outputStream(2, target) },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  };
}
