// Owns the way to the native add-on: its types, where it is looked for, and what is said when it is not there.
// Nothing else imports it. Importing this file never throws.
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Artifact } from './component/artifact.js';
import type { SourceBytes } from './component/source.js';
import type { SnapshotProblem, UnavailableReason } from './errors/classes.js';
import type { AbortSignalLike } from './structural.js';

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
  /** Once for each thread: what calls are described in, and where answers lie. Never to be detached. */
  attach(control: Float64Array, request: Uint8Array, reply: Uint8Array): void;
  /** Starts the call that lies in `control` and `request`; waits for it as long as they say. */
  call(handle: number): CallStatus;
  /** The same with a request that lies elsewhere; it is copied before this returns. */
  callWith(handle: number, request: Uint8Array): CallStatus;
  /** Answers the host call named in `control`, and waits for what comes next. */
  resume(handle: number): CallStatus;
  resumeWith(handle: number, payload: Uint8Array): CallStatus;
  /** What was too long for the reply buffer. */
  takeReply(handle: number): Uint8Array;
  /** Ends that call if it is the one that runs: event `failed` with code `interrupted`. */
  interrupt(handle: number, call: number): void;
  reset(handle: number, request: number): void;
  rebase(handle: number, request: number): void;
  /** The guest has lied: a new VM takes the place of its own, after the call under way, and before anything else. */
  condemn(handle: number): void;
  /** Takes a snapshot: event `captured`. */
  capture(handle: number, request: number, source: 'base' | 'current'): void;
  describeSnapshot(snapshot: number): BindingSnapshot;
  saveSnapshot(snapshot: number, path: string, note: string): Promise<BindingSaved>;
  /** What it answers is to be attached to its code, or released. */
  loadSnapshot(path: string): Promise<BindingLoaded>;
  /** The snapshot has another number from then on. */
  attachSnapshot(snapshot: number, code: BindingCode): Promise<BindingLoaded>;
  /** Nothing is started from it any more. */
  releaseSnapshot(snapshot: number): void;
  stats(handle: number): BindingStats;
  /** Interrupts what runs; the event `closed` comes last, as it does where a VM ends by itself. */
  close(handle: number): void;
  /** Whether this sandbox's events keep the event loop alive; at first they do not. */
  hold(handle: number, held: boolean): void;
}

/** What a call has come to. */
export const CallStatus = {
  /** The rest comes as events. */
  PENDING: 0,
  /** The reply lies in the reply buffer. */
  RETURNED: 1,
  /** A host function is wanted: its arguments lie in the reply buffer, `resume` answers. */
  HOST_CALL: 2,
  /** `takeReply` gives the reply. */
  RETURNED_LARGE: 3,
  /** That host call is over: its answer was dropped. */
  STALE: 4,
  /** As HOST_CALL; `takeReply` gives the arguments. */
  HOST_CALL_LARGE: 5,
} as const;
export type CallStatus = (typeof CallStatus)[keyof typeof CallStatus];

/** Numbers in the control block, and bytes in each of the two buffers beside it. */
export const CONTROL_LENGTH = 32;
export const BUFFER_BYTES = 64 << 10;

/** Where each number lies in the control block. */
export const Control = {
  /** Before a call. */
  CALL: 0,
  FUNCTION_INDEX: 1,
  /** Before a call the request's, before `resume` the payload's. */
  REQUEST_BYTES: 2,
  /** Before a call: bit 0 keeps the state. */
  FLAGS: 3,
  /** 0: none. */
  TIMEOUT_MS: 4,
  /** The longest that the function may block. */
  WAIT_US: 5,
  /** Before `resume`. */
  ANSWERED_HOST_CALL: 0,
  /** Before `resume`: 1, or 0 for a message in UTF-8. */
  OK: 3,
  /** Of a reply, or of a host call's arguments. */
  REPLY_BYTES: 8,
  HOST_CALL: 9,
  IMPORT: 10,
  /** Of a call that returned: in the VM, host functions included. */
  MICROS: 11,
  /** Of those, until the VM was awake. */
  WAKE_MICROS: 12,
  HOST_MICROS: 13,
  HOST_CALLS: 14,
  EXITS: 15,
  PAGES: 16,
} as const;

export type BindingProbe =
  | { ok: true }
  | { ok: false; reason: 'missing' | 'permission' | 'unsupported' | 'other'; message: string };

/** Where a component's compiled code lies. */
export interface BindingCode {
  artifactPath: string;
  codeOffset: number;
  codeBytes: number;
  textOffset: number;
  textBytes: number;
  codeChecksum: string;
}

export interface BindingCreate {
  code: BindingCode;
  exports: [string | null, string][];
  imports: [string | null, string][];
  memoryBytes: number;
  replyBytesMax: number;
  outputBytesMax: number;
  hostCallsMax: number;
  /** For the creation; 0: none. */
  timeoutMs: number;
  /** For each call; 0: none. */
  cpuTimeoutMs: number;
  /** Between calls memory is put back, registers are not. */
  resetMemory: boolean;
  /** The state to start from; nothing is loaded then. */
  snapshot?: number;
}

/** What came of saving or loading; without an error it is done. */
export interface BindingSaved {
  error?: BindingError;
}

export interface BindingLoaded extends BindingSaved {
  snapshot?: number;
  /** As it was given to `saveSnapshot`. */
  note?: string;
  /** Of the code that the state belongs to. */
  codeChecksum?: string;
}

export interface BindingSnapshot {
  /** The least memory limit of a sandbox that starts from it. */
  memoryBytes: number;
  /** What it takes itself. */
  bytes: number;
}

export interface BindingReturned {
  kind: 'returned';
  call: number;
  reply: Uint8Array;
  micros: number;
  /** Of those, until the VM was awake. */
  wakeMicros: number;
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
  /** With what it has counted: it cannot be asked any more. */
  | { kind: 'closed'; stats: BindingStats }
  | { kind: 'done'; request: number }
  | { kind: 'captured'; request: number; snapshot: number }
  | BindingReturned
  /** `call` is 0 for create, else the number of the call, reset, rebase or capture. */
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
      code:
        | 'bad-request'
        | 'bad-result'
        | 'load'
        | 'exit'
        | 'breach'
        | 'panic'
        | 'exhausted'
        | 'internal'
        | 'closed';
      message: string;
      stack?: string;
      status?: number;
    }
  /** The compiled code in the cache is not what was compiled. */
  | { code: 'damaged-code'; message: string }
  | { code: 'snapshot'; reason: SnapshotProblem; message: string }
  | { code: 'unavailable'; reason: string; message: string };

export interface BindingStats {
  calls: number;
  exits: number;
  resets: number;
  pagesWritten: number;
  pagesRestored: number;
  replacements: number;
  resetMicros: number;
  /** Of the last reset that is done. */
  lastResetMicros: number;
}

/** What is installed: the add-on, and the compiler that lies beside it. */
export interface Native {
  readonly binding: Binding;
  readonly compilerPath: string;
  /** In the compiler's place, where there is something else. */
  readonly loadArtifact?: (source: SourceBytes, options: LoadArtifactOptions) => Promise<Artifact>;
}

interface LoadArtifactOptions {
  readonly compilerPath: string;
  readonly signal: AbortSignalLike | undefined;
  readonly onCompile: () => void;
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
let substitute: Loaded | undefined;

/** The add-on, loaded once in a process, or what stands in its place. */
export function loadNative(): Loaded {
  return substitute ?? loadAddon();
}

/** The add-on, also where something stands in its place. */
export function loadAddon(): Loaded {
  loaded ??= load();
  return loaded;
}

/** Puts something in the add-on's place for good, so that nothing native is needed. */
export function substituteNative(by: Native): void {
  substitute = { ok: true, native: by };
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
      hint: loadHint(cause),
      cause,
    };
  }
}

function loadHint(cause: unknown): string {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED') return 'give Node --allow-addons';
  if (isMusl()) return 'it needs glibc; use an image that is not based on Alpine, such as node:20-slim';
  if (askedPath() !== undefined) return 'HL_NATIVE_PATH names it: correct that, or unset it';
  return `install it again: npm install ${PLATFORM_PACKAGE}`;
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
