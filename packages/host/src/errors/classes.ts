// Owns the error classes that users catch. Which code belongs to which class: table.ts.
import { brand, HyperlightError } from './base.js';
import type { CodeOf } from './table.js';

interface Cause {
  readonly cause: unknown;
}

/**
 * Why no micro-VM can run here: `platform` (an OS, CPU or C library that this package is not built for),
 * `addon-missing`, `addon-broken` (it does not load, or is of another version), `missing` (no `/dev/kvm`),
 * `permission` (it may not be opened), `unsupported` (it lacks something), or `other`. `jco-missing` is of
 * `@hl/host/in-process`, which needs no micro-VM, but jco.
 */
export type UnavailableReason =
  | 'platform'
  | 'addon-missing'
  | 'addon-broken'
  | 'missing'
  | 'permission'
  | 'unsupported'
  | 'jco-missing'
  | 'other';

/** What runs components is not there, mostly because this machine cannot run micro-VMs; `hint` says what would help. */
export class HypervisorUnavailableError extends HyperlightError {
  declare readonly code: CodeOf<'HypervisorUnavailableError'>;
  readonly reason: UnavailableReason;
  readonly hint: string;

  constructor(reason: UnavailableReason, message: string, hint: string, cause?: Cause) {
    super('ERR_HL_HYPERVISOR_UNAVAILABLE', `${message}; ${hint}`, cause);
    this.reason = reason;
    this.hint = hint;
  }
}

/** The bytes are no component, or one that cannot be run, or not of the world that was given. */
export class ComponentError extends HyperlightError {
  declare readonly code: CodeOf<'ComponentError'>;

  constructor(code: CodeOf<'ComponentError'>, message: string, cause?: Cause) {
    super(code, message, cause);
  }
}

/** A function that a component imports and nobody provides. */
export interface MissingImport {
  /** Full name of the interface, or null for a function of the world itself. */
  readonly interface: string | null;
  readonly name: string;
  /** Its signature as WIT text. */
  readonly wit: string;
}

/** The component imports functions that `imports` does not have; `skeleton` is text to paste. */
export class LinkError extends HyperlightError {
  declare readonly code: CodeOf<'LinkError'>;
  readonly missing: readonly MissingImport[];
  readonly skeleton: string;

  constructor(message: string, missing: readonly MissingImport[], skeleton: string) {
    super('ERR_HL_LINK', message);
    this.missing = missing;
    this.skeleton = skeleton;
  }
}

/**
 * The err case of a WIT `result`, with the payload. A host function throws it to answer that case.
 *
 * @example
 * const imports = {
 *   'acme:shop/stock': {
 *     count(sku: string) {
 *       if (!known(sku)) throw new WitError({ tag: 'unknown-sku', val: sku });
 *       return 3;
 *     },
 *   },
 * };
 */
export class WitError<E = unknown> extends HyperlightError {
  declare readonly code: CodeOf<'WitError'>;
  readonly payload: E;

  constructor(payload: E) {
    super('ERR_HL_WIT', `the function answered the err case of its result: ${preview(payload)}`);
    this.payload = payload;
  }
}

/** How WebAssembly was stopped. */
export type Trap =
  | 'unreachable'
  | 'out-of-bounds'
  | 'divide-by-zero'
  | 'integer-overflow'
  | 'bad-conversion'
  | 'indirect-call'
  | 'stack-overflow'
  /** What the guest returned breaks the canonical ABI, such as a string that is not UTF-8. */
  | 'bad-result'
  /** The guest asked to exit. */
  | 'exit'
  | 'other';

/** The guest trapped. The next call works, from the base state. */
export class TrapError extends HyperlightError {
  declare readonly code: CodeOf<'TrapError'>;
  readonly trap: Trap;
  /** The frames of the guest, innermost first, one on a line. */
  readonly wasmStack: string;
  /** The last 4 KiB of what the guest wrote to stderr in this call; the message ends with it. */
  readonly stderr: string;
  /** What the guest exited with; only where `trap` is `exit`. */
  readonly exitStatus: number | undefined;

  constructor(trap: Trap, message: string, wasmStack: string, stderr = '', exitStatus?: number) {
    super('ERR_HL_TRAP', message);
    this.trap = trap;
    this.wasmStack = wasmStack;
    this.stderr = stderr;
    this.exitStatus = exitStatus;
  }
}

/** The call took too long: in the `queue`, altogether (`wall`), or on the `cpu`. */
export class TimeoutError extends HyperlightError {
  declare readonly code: CodeOf<'TimeoutError'>;
  readonly kind: 'queue' | 'wall' | 'cpu';
  readonly limitMs: number;

  constructor(kind: 'queue' | 'wall' | 'cpu', limitMs: number, message: string) {
    super('ERR_HL_TIMEOUT', message);
    this.kind = kind;
    this.limitMs = limitMs;
  }
}

/** The `signal` was aborted; `cause` is its reason. */
export class AbortError extends HyperlightError {
  declare readonly code: CodeOf<'AbortError'>;

  constructor(reason: unknown) {
    super('ERR_HL_ABORT', 'the call was aborted by its signal', { cause: reason });
  }
}

/** The name of a limit, as in the option `limits`; `processMemoryBytes` is that of all sandboxes together. */
export type LimitName =
  | 'memoryBytes'
  | 'processMemoryBytes'
  | 'maxHostCalls'
  | 'maxRequestBytes'
  | 'maxReplyBytes'
  | 'maxOutputBytes'
  | 'maxResources'
  | 'maxQueue';

/** The call went past the limit that `limit` names. */
export class LimitError extends HyperlightError {
  declare readonly code: CodeOf<'LimitError'>;
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super('ERR_HL_LIMIT', message);
    this.limit = limit;
  }
}

/** A host function threw (`cause`), or answered a value that is not of its type. */
export class HostFunctionError extends HyperlightError {
  declare readonly code: CodeOf<'HostFunctionError'>;
  /** Which one: `acme:shop/stock@1.0.0#count`; also `stdout` or `stderr`. */
  readonly import: string;

  constructor(name: string, cause: unknown) {
    super('ERR_HL_HOST_FUNCTION', `host function ${name} failed: ${textOf(cause)}`, { cause });
    this.import = name;
  }
}

/**
 * Why a snapshot cannot be used: `closed` (by `close()`), `file` (it cannot be read or written), `damaged` (the file is
 * not what was saved), `format` (the file is no snapshot, or of another version of the format), `runtime` (it was saved
 * by another version of this package), `component` (it is of another component, or of code that was compiled
 * otherwise), `cpu` (this machine's CPU lacks what the code uses), `resources` (the guest holds some of the host's),
 * `wasi` (its guest was granted other parts of WASI), or `in-process` (what runs in this process has none).
 */
export type SnapshotProblem =
  | 'closed'
  | 'file'
  | 'damaged'
  | 'format'
  | 'runtime'
  | 'component'
  | 'cpu'
  | 'resources'
  | 'wasi'
  | 'in-process';

/** A snapshot cannot be saved or used; `reason` tells why. */
export class SnapshotError extends HyperlightError {
  declare readonly code: CodeOf<'SnapshotError'>;
  readonly reason: SnapshotProblem;

  constructor(reason: SnapshotProblem, message: string, cause?: Cause) {
    super('ERR_HL_SNAPSHOT', message, cause);
    this.reason = reason;
  }
}

/** The sandbox has an open context, so it takes no direct call and no second context. */
export class ContextOpenError extends HyperlightError {
  declare readonly code: CodeOf<'ContextOpenError'>;
  readonly hint: string;

  constructor() {
    const hint =
      'call through the context, finish() it first, or use another sandbox: fork(n) makes some, a Pool lends them';
    super('ERR_HL_CONTEXT_OPEN', `a context is open on this sandbox; ${hint}`);
    this.hint = hint;
  }
}

/** The function deals with a guest's resource, which lives in a context. */
export class ContextRequiredError extends HyperlightError {
  declare readonly code: CodeOf<'ContextRequiredError'>;

  constructor(functionName: string) {
    const hint = 'call it through `await sandbox.context()`';
    super('ERR_HL_CONTEXT_REQUIRED', `${functionName} deals with a resource of the guest; ${hint}`);
  }
}

/** A host function called back into its own sandbox. */
export class ReentrancyError extends HyperlightError {
  declare readonly code: CodeOf<'ReentrancyError'>;

  constructor(functionName: string) {
    super(
      'ERR_HL_REENTRANCY',
      `${functionName} was called by a host function of the same sandbox, which waits for that function; call another sandbox`,
    );
  }
}

/** The sandbox or the context was closed before or during the call. */
export class ClosedError extends HyperlightError {
  declare readonly code: CodeOf<'ClosedError'>;

  constructor(message: string, cause?: Cause) {
    super('ERR_HL_CLOSED', message, cause);
  }
}

/** Something in this package failed, or a guest broke out of WebAssembly: `code` tells which. */
export class InternalError extends HyperlightError {
  declare readonly code: CodeOf<'InternalError'>;

  constructor(code: CodeOf<'InternalError'>, message: string, cause?: Cause) {
    super(code, message, cause);
  }
}

brand(HypervisorUnavailableError, 'HypervisorUnavailableError');
brand(ComponentError, 'ComponentError');
brand(LinkError, 'LinkError');
brand(WitError, 'WitError');
brand(TrapError, 'TrapError');
brand(TimeoutError, 'TimeoutError');
brand(AbortError, 'AbortError');
brand(LimitError, 'LimitError');
brand(HostFunctionError, 'HostFunctionError');
brand(SnapshotError, 'SnapshotError');
brand(ContextOpenError, 'ContextOpenError');
brand(ContextRequiredError, 'ContextRequiredError');
brand(ReentrancyError, 'ReentrancyError');
brand(ClosedError, 'ClosedError');
brand(InternalError, 'InternalError');

const PREVIEW_CHARACTERS = 200;

/** What was thrown, in words. Looking at it may throw in turn: at a revoked proxy, or a getter of the user's. */
function textOf(cause: unknown): string {
  try {
    return cause instanceof Error ? String(cause.message) : preview(cause);
  } catch {
    return 'something that cannot be looked at';
  }
}

/** A value in a message: short, at a cost that does not grow with the value. */
function preview(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > PREVIEW_CHARACTERS ? `${value.slice(0, PREVIEW_CHARACTERS)}...` : value;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const tag: unknown = 'tag' in value ? value.tag : undefined;
  return typeof tag === 'string' ? `{ tag: '${tag}' }` : Array.isArray(value) ? 'a list' : 'an object';
}
