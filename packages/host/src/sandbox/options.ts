// Owns the options of Sandbox.create: their types, and that what is wrong with them is said by name.

import type { ComponentSource } from '../component/source.js';
import type { Component, Progress } from '../component.js';
import type { World } from '../descriptor.js';
import { isSnapshot, needsOf, type Snapshot } from '../snapshot.js';
import type { AbortSignalLike } from '../structural.js';
import { type ParsedWasi, parseWasi, type WasiOptions } from '../wasi/options.js';
import type { Context } from './context.js';
import { type AllLimits, type Limits, parseLimits } from './limits.js';

/** What the guest writes, as text; `'inherit'` passes it to this process's own stream. */
export type OutputOption = ((text: string) => void) | 'inherit';

/** Functions by interface, such as `{ 'acme:shop/stock': { count: (sku) => 3 } }`; sync or async. */
export type UntypedImports = Readonly<Record<string, unknown>>;

export type Reset = 'full' | 'memory';

interface Fresh {
  /** A path from the current directory, a `file:` URL, bytes, or a `Component`. */
  readonly component: ComponentSource | Component;
  readonly snapshot?: undefined;
}

interface FromSnapshot {
  /** The state to start from: nothing is compiled, loaded or instantiated. */
  readonly snapshot: Snapshot;
  /** Not needed; if given, it must be the one of the snapshot. */
  readonly component?: ComponentSource | Component;
}

/** What a sandbox starts from. */
export type Origin = Fresh | FromSnapshot;

interface CommonOptions<ContextExports> {
  /** What is granted of WASI. Default: nothing; the component then finds an isolated WASI inside its VM. */
  readonly wasi?: WasiOptions;
  /** Where text on the guest's stdout goes. Default: nowhere. */
  readonly stdout?: OutputOption;
  /** Where text on the guest's stderr goes. Default: nowhere. */
  readonly stderr?: OutputOption;
  /** Runs once; what it does to the guest's state is part of the base state. */
  readonly warmup?: (context: Context<ContextExports>) => Promise<void> | void;
  readonly limits?: Limits;
  /**
   * What is put back after a call. `'full'`, the default: the whole machine. `'memory'`: memory only, which takes
   * microseconds less; for guests whose WebAssembly wall is trusted.
   */
  readonly reset?: Reset;
  /** Cancels the create. */
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: Progress) => void;
}

/** Without a world: the exports' type is `any`. */
export type UntypedOptions = Origin &
  // biome-ignore lint/suspicious/noExplicitAny: exports of which nothing is known are any, by contract
  CommonOptions<any> & {
    readonly world?: undefined;
    readonly imports?: UntypedImports;
  };

/** With a world from `@hl/bindgen`: a missing import is a compile error. */
export type TypedOptions<Imports, Exports, ContextExports = Exports> = Origin &
  CommonOptions<ContextExports> & {
    readonly world: World<Imports, Exports, ContextExports>;
  } & (Record<never, never> extends Imports
    ? { readonly imports?: NoInfer<Imports> }
    : { readonly imports: NoInfer<Imports> });

/** The options after a look at each. */
export interface ParsedOptions {
  /** At least one of the two. */
  readonly component: ComponentSource | Component | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly world: World | undefined;
  readonly imports: UntypedImports;
  readonly wasi: ParsedWasi | undefined;
  readonly stdout: OutputOption | undefined;
  readonly stderr: OutputOption | undefined;
  readonly warmup: ((context: Context<unknown>) => Promise<void> | void) | undefined;
  readonly limits: AllLimits;
  readonly reset: Reset;
  readonly signal: AbortSignalLike | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

const KNOWN = [
  'component',
  'snapshot',
  'world',
  'imports',
  'wasi',
  'stdout',
  'stderr',
  'warmup',
  'limits',
  'reset',
  'signal',
  'onProgress',
];

/** `further` are names of options that the caller looks at itself. */
export function parseOptions(given: unknown, further: readonly string[] = []): ParsedOptions {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`options: expected object, got ${given === null ? 'null' : typeof given}`);
  }
  const options = given as Record<string, unknown>;
  refuseUnknown(options, [...KNOWN, ...further]);
  const snapshot = parseSnapshot(options['snapshot']);
  if (options['component'] === undefined && snapshot === undefined) {
    throw new TypeError('component: it is required, or snapshot');
  }
  return {
    component: options['component'] as ComponentSource | undefined,
    snapshot,
    world: parseWorld(options['world']),
    imports: parseImports(options['imports']),
    wasi: parseWasi(options['wasi']),
    stdout: parseOutput('stdout', options['stdout']),
    stderr: parseOutput('stderr', options['stderr']),
    warmup: parseFunction('warmup', options['warmup']),
    limits: parseLimits(options['limits'], snapshot && needsOf(snapshot)),
    reset: parseReset(options['reset']),
    signal: parseSignal(options['signal']),
    onProgress: parseFunction('onProgress', options['onProgress']),
  };
}

function refuseUnknown(options: Record<string, unknown>, known: readonly string[]): void {
  const asked = Object.keys(options).filter((name) => options[name] !== undefined);
  for (const name of asked) {
    if (!known.includes(name)) {
      throw new TypeError(`${name}: there is no such option; there are ${known.join(', ')}`);
    }
  }
}

function parseReset(reset: unknown): Reset {
  if (reset === undefined) return 'full';
  if (reset === 'full' || reset === 'memory') return reset;
  const got = typeof reset === 'string' ? `'${reset}'` : typeof reset;
  throw new TypeError(`reset: expected 'full' or 'memory', got ${got}`);
}

function parseSnapshot(value: unknown): Snapshot | undefined {
  if (value === undefined || isSnapshot(value)) return value;
  throw new TypeError(
    `snapshot: expected what sandbox.snapshot() or Snapshot.load() gave, got ${value === null ? 'null' : typeof value}`,
  );
}

function parseWorld(world: unknown): World | undefined {
  if (world === undefined) return undefined;
  const descriptor =
    typeof world === 'object' && world !== null ? (world as Partial<World>).descriptor : undefined;
  if (descriptor?.version === 1) return world as World;
  throw new TypeError(
    'world: expected what @hl/bindgen wrote, such as `import { shop } from "./gen/shop.js"`',
  );
}

function parseImports(imports: unknown): UntypedImports {
  if (imports === undefined) return {};
  if (typeof imports === 'object' && imports !== null) return imports as UntypedImports;
  throw new TypeError(`imports: expected object, got ${imports === null ? 'null' : typeof imports}`);
}

function parseOutput(name: string, value: unknown): OutputOption | undefined {
  if (value === undefined || value === 'inherit' || typeof value === 'function') return value as OutputOption;
  throw new TypeError(`${name}: expected function or 'inherit', got ${typeof value}`);
}

function parseFunction<F>(name: string, value: unknown): F | undefined {
  if (value === undefined || typeof value === 'function') return value as F | undefined;
  throw new TypeError(`${name}: expected function, got ${value === null ? 'null' : typeof value}`);
}

export function parseSignal(value: unknown): AbortSignalLike | undefined {
  if (value === undefined) return undefined;
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignalLike>;
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return value as AbortSignalLike;
  throw new TypeError(`signal: expected AbortSignal, got ${value === null ? 'null' : typeof value}`);
}
