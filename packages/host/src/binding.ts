// Owns the way to the native add-on: its types, where it is looked for, and what is said when it is not there.
// Nothing else imports it. Importing this file never throws.
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UnavailableReason } from './errors/classes.js';

/** The native add-on speaks the version of this file's types that it was built with. */
export const ABI_VERSION = 1;

export const PLATFORM_PACKAGE = '@hl/host-linux-x64-gnu';
const ADDON_FILE = 'hl-host.linux-x64-gnu.node';
const COMPILER_FILE = 'hl-compile';
const require = createRequire(import.meta.url);

export interface Binding {
  describe(): { abiVersion: number; runtimeSha256: string; target: string };
  probe(): BindingProbe;
  /** Answers the handle at once; then comes the event `ready` or `failed`. */
  createSandbox(options: BindingCreate, onEvent: (event: BindingEvent) => void): number;
  /** `request` is copied before it returns. Waits up to `waitUs` for an answer; null: it comes as an event. */
  call(
    handle: number,
    call: number,
    functionIndex: number,
    request: Uint8Array,
    keepState: boolean,
    timeoutMs: number,
    cpuTimeoutMs: number,
    waitUs: number,
  ): BindingEvent | null;
  /** Answers a `hostCall` event; if not `ok`, the payload is a message in UTF-8. */
  reply(handle: number, hostCall: number, ok: boolean, payload: Uint8Array): void;
  /** Ends that call if it is the one that runs: event `failed` with code `interrupted`. */
  interrupt(handle: number, call: number): void;
  reset(handle: number, request: number): void;
  rebase(handle: number, request: number): void;
  stats(handle: number): BindingStats;
  /** Interrupts what runs; the event `closed` comes last. */
  close(handle: number): void;
  /** Whether this sandbox's events keep the event loop alive; at first they do not. */
  hold(handle: number, held: boolean): void;
}

export type BindingProbe =
  | { ok: true }
  | { ok: false; reason: 'missing' | 'permission' | 'unsupported' | 'other'; message: string };

export interface BindingCreate {
  artifactPath: string;
  codeOffset: number;
  codeBytes: number;
  textOffset: number;
  textBytes: number;
  exports: [string | null, string][];
  imports: [string | null, string][];
  memoryBytes: number;
  replyBytesMax: number;
  outputBytesMax: number;
  hostCallsMax: number;
  timeoutMs: number;
}

export interface BindingReturned {
  kind: 'returned';
  call: number;
  reply: Uint8Array;
  micros: number;
  exits: number;
  pages: number;
  hostCalls: number;
  hostMicros: number;
}

export interface BindingHostCall {
  kind: 'hostCall';
  hostCall: number;
  call: number;
  import: number;
  arguments: Uint8Array;
}

export type BindingEvent =
  | { kind: 'ready' }
  | { kind: 'closed' }
  | { kind: 'done'; request: number }
  | BindingReturned
  /** `call` is 0 for create, else the number of the call, reset or rebase. */
  | { kind: 'failed'; call: number; error: BindingError }
  | BindingHostCall
  | { kind: 'output'; stream: 1 | 2; bytes: Uint8Array };

export type BindingTrap =
  | 'unreachable'
  | 'out-of-bounds'
  | 'divide-by-zero'
  | 'integer-overflow'
  | 'bad-conversion'
  | 'indirect-call'
  | 'stack-overflow'
  | 'other';

export type BindingError =
  | { code: 'trap'; trap: BindingTrap; message: string; stack: string }
  | { code: 'timeout'; kind: 'wall' | 'cpu' }
  | { code: 'interrupted' }
  | {
      code: 'limit';
      limit: 'memoryBytes' | 'processMemoryBytes' | 'maxReplyBytes' | 'maxOutputBytes' | 'maxHostCalls';
    }
  | { code: 'host-function'; message: string }
  | {
      code: 'bad-request' | 'bad-result' | 'load' | 'exit' | 'breach' | 'panic' | 'internal' | 'closed';
      message: string;
      stack?: string;
      status?: number;
    }
  | { code: 'unavailable'; reason: string; message: string };

export interface BindingStats {
  calls: number;
  exits: number;
  resets: number;
  pagesWritten: number;
  pagesRestored: number;
  replacements: number;
  resetMicros: number;
}

/** What is installed: the add-on, and the compiler that lies beside it. */
export interface Native {
  readonly binding: Binding;
  readonly compilerPath: string;
}

export interface NativeFailure {
  readonly reason: UnavailableReason;
  readonly message: string;
  readonly hint: string;
  readonly cause?: unknown;
}

export type Loaded =
  | { readonly ok: true; readonly native: Native }
  | ({ readonly ok: false } & NativeFailure);

let loaded: Loaded | undefined;

/** The add-on, loaded once in a process. */
export function loadNative(): Loaded {
  loaded ??= load();
  return loaded;
}

/** Puts something else in the add-on's place (tests), or nothing (undefined: look again). */
export function replaceNative(by: Loaded | undefined): void {
  loaded = by;
}

function load(): Loaded {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      ok: false,
      reason: 'platform',
      message: `micro-VMs need Linux on x86-64, this is ${process.platform} on ${process.arch}`,
      hint: 'run it on a Linux machine with KVM',
    };
  }
  const addonPath = findAddon();
  if (addonPath === undefined) return notInstalled();
  try {
    const binding = require(addonPath) as Binding;
    const { abiVersion } = binding.describe();
    if (abiVersion !== ABI_VERSION) return wrongVersion(addonPath, abiVersion);
    return { ok: true, native: { binding, compilerPath: join(dirname(addonPath), COMPILER_FILE) } };
  } catch (cause) {
    return {
      ok: false,
      reason: isMusl() ? 'platform' : 'addon-broken',
      message: `the add-on ${addonPath} does not load: ${firstLine(cause)}`,
      hint: isMusl()
        ? 'it needs glibc; use an image that is not based on Alpine, such as node:20-slim'
        : askedPath() === undefined
          ? `install it again: npm install ${PLATFORM_PACKAGE}`
          : 'HL_NATIVE_PATH names it: correct that, or unset it',
      cause,
    };
  }
}

/** HL_NATIVE_PATH (a file or its folder), then the platform package, then a checkout's own build. */
function findAddon(): string | undefined {
  const asked = askedPath();
  if (asked !== undefined) {
    return existsSync(asked) && statSync(asked).isDirectory() ? join(asked, ADDON_FILE) : asked;
  }
  try {
    return require.resolve(PLATFORM_PACKAGE);
  } catch {
    const built = join(packageRoot(), 'npm', 'linux-x64-gnu', ADDON_FILE);
    return existsSync(built) ? built : undefined;
  }
}

/** Node adds a stack of files to some messages. */
const firstLine = (cause: unknown): string =>
  String(cause instanceof Error ? cause.message : cause).split('\n')[0]!;

const askedPath = (): string | undefined => process.env['HL_NATIVE_PATH'] || undefined;

/** This code runs as src/binding.ts in tests and as dist/index.js when built: one folder below, either way. */
function packageRoot(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

function notInstalled(): Loaded {
  return {
    ok: false,
    reason: 'addon-missing',
    message: `the package ${PLATFORM_PACKAGE} is not installed`,
    hint: `it is an optional dependency of @hl/host: install without --omit=optional (or --no-optional), or run npm install ${PLATFORM_PACKAGE}`,
  };
}

function wrongVersion(addonPath: string, abiVersion: number): Loaded {
  return {
    ok: false,
    reason: 'addon-broken',
    message: `the add-on ${addonPath} has ABI version ${abiVersion}, this package needs ${ABI_VERSION}`,
    hint: `install the same version of @hl/host and ${PLATFORM_PACKAGE}`,
  };
}

/** Slow, so it is asked only when the add-on does not load, and by doctor(). */
export function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}
