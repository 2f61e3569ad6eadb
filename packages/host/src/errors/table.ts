// Owns the one table of error codes. Classes, the `code` union and docs/errors.md are made from it.

/** Who has to change something so that it does not happen again. */
export type Fault = 'caller' | 'guest' | 'limit' | 'hostile' | 'host';

/**
 * What the sandbox is like afterwards: never `made`, `unchanged` (nothing ran), `recovered` (back in its base
 * state, the next call works), `replaced` (likewise, in a new VM), or `closed`.
 */
export type Afterwards = 'not made' | 'unchanged' | 'recovered' | 'replaced' | 'closed';

export type ErrorClassName =
  | 'HypervisorUnavailableError'
  | 'ComponentError'
  | 'LinkError'
  | 'WitError'
  | 'TrapError'
  | 'TimeoutError'
  | 'AbortError'
  | 'LimitError'
  | 'HostFunctionError'
  | 'SnapshotError'
  | 'ContextOpenError'
  | 'ContextRequiredError'
  | 'ReentrancyError'
  | 'ClosedError'
  | 'InternalError';

interface ErrorEntry {
  readonly class: ErrorClassName;
  readonly fault: Fault;
  readonly afterwards: Afterwards;
  /** What happened. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const ERRORS = {
  ERR_HL_HYPERVISOR_UNAVAILABLE: {
    class: 'HypervisorUnavailableError',
    fault: 'host',
    afterwards: 'not made',
    meaning:
      'This machine cannot run micro-VMs: no `/dev/kvm`, no permission for it, another OS, or no add-on; or this process may not start the compiler. From `@hl/host/in-process`: jco is not installed.',
    remedy: 'Read `reason` and `hint`, or run `npx @hl/host doctor`.',
  },
  ERR_HL_COMPONENT_UNREADABLE: {
    class: 'ComponentError',
    fault: 'caller',
    afterwards: 'not made',
    meaning: 'The file that should hold the component cannot be read.',
    remedy: 'Look at `cause`; paths are relative to the current directory.',
  },
  ERR_HL_COMPONENT_INVALID: {
    class: 'ComponentError',
    fault: 'caller',
    afterwards: 'not made',
    meaning: 'The bytes are not a valid WebAssembly component.',
    remedy: 'The message says what they are instead: empty, text, a core module, or cut off.',
  },
  ERR_HL_COMPONENT_UNSUPPORTED: {
    class: 'ComponentError',
    fault: 'caller',
    afterwards: 'not made',
    meaning:
      'The component needs a feature that this version does not have, or declares WASI otherwise than WASI is.',
    remedy: 'The message names the feature, or the function whose type needs it or differs.',
  },
  ERR_HL_COMPONENT_LIMIT: {
    class: 'ComponentError',
    fault: 'limit',
    afterwards: 'not made',
    meaning: 'The component took more memory or time to compile than the compiler may have.',
    remedy: 'Do not load it if it came from a stranger; make it smaller if it is yours.',
  },
  ERR_HL_COMPONENT_START: {
    class: 'ComponentError',
    fault: 'guest',
    afterwards: 'not made',
    meaning: 'The component compiled, but could not be instantiated in its VM.',
    remedy: 'The message says how it failed; look at what it does at start.',
  },
  ERR_HL_COMPONENT_CACHE: {
    class: 'ComponentError',
    fault: 'host',
    afterwards: 'not made',
    meaning:
      'The folder for compiled components cannot be used, or a loaded component is gone from it or damaged.',
    remedy: 'Point `XDG_CACHE_HOME` to a folder that this process may write, or load the component again.',
  },
  ERR_HL_WORLD_MISMATCH: {
    class: 'ComponentError',
    fault: 'caller',
    afterwards: 'not made',
    meaning: 'The component does not fit the `world` that was given.',
    remedy: 'The message names the first function that differs, with both signatures; build either anew.',
  },
  ERR_HL_LINK: {
    class: 'LinkError',
    fault: 'caller',
    afterwards: 'not made',
    meaning: 'The component imports functions that `imports` does not have.',
    remedy: 'Paste `skeleton` into `imports` and fill it in; `missing` lists them as data.',
  },
  ERR_HL_WIT: {
    class: 'WitError',
    fault: 'guest',
    afterwards: 'recovered',
    meaning: "The function answered the err case of its WIT `result`. It is the call's data, not a failure.",
    remedy: 'Look at `payload`.',
  },
  ERR_HL_TRAP: {
    class: 'TrapError',
    fault: 'guest',
    afterwards: 'recovered',
    meaning: 'The guest trapped: WebAssembly stopped it.',
    remedy:
      'The message ends with what the guest wrote to stderr last; look at `trap` and `wasmStack` too. The next call works.',
  },
  ERR_HL_TIMEOUT: {
    class: 'TimeoutError',
    fault: 'limit',
    afterwards: 'recovered',
    meaning:
      'The call took longer than it may, counted from the call: queue, guest and host functions together.',
    remedy: 'Look at `kind` and `limitMs`; raise the limit with `limits` or `with({ timeoutMs })`.',
  },
  ERR_HL_ABORT: {
    class: 'AbortError',
    fault: 'caller',
    afterwards: 'recovered',
    meaning: 'The `signal` was aborted.',
    remedy: '`cause` is the reason that the signal carries.',
  },
  ERR_HL_LIMIT: {
    class: 'LimitError',
    fault: 'limit',
    afterwards: 'recovered',
    meaning: 'The call went past one of the limits; one that found the queue full has not run.',
    remedy: 'Look at `limit`; raise it in `limits` if the guest is trusted with more.',
  },
  ERR_HL_HOST_FUNCTION: {
    class: 'HostFunctionError',
    fault: 'host',
    afterwards: 'recovered',
    meaning: 'A host function threw, rejected, or answered a value that is not of its WIT type.',
    remedy: 'Look at `cause`. To answer the err case of a `result`, throw `new WitError(payload)`.',
  },
  ERR_HL_SNAPSHOT: {
    class: 'SnapshotError',
    fault: 'caller',
    afterwards: 'unchanged',
    meaning:
      'A snapshot cannot be saved or used: it is closed, or its file is damaged or does not fit this machine.',
    remedy: 'Look at `reason`. What does not fit is taken and saved anew, from the component.',
  },
  ERR_HL_CONTEXT_OPEN: {
    class: 'ContextOpenError',
    fault: 'caller',
    afterwards: 'unchanged',
    meaning: 'The sandbox has an open context, so it takes no direct call and no second context.',
    remedy:
      'Call through the context, finish it first, or use another sandbox: `sandbox.fork(n)` makes some, a `Pool` lends them.',
  },
  ERR_HL_CONTEXT_REQUIRED: {
    class: 'ContextRequiredError',
    fault: 'caller',
    afterwards: 'unchanged',
    meaning: "The function deals with a guest's resource, which lives in a context.",
    remedy: 'Call it through `await sandbox.context()`.',
  },
  ERR_HL_REENTRANCY: {
    class: 'ReentrancyError',
    fault: 'caller',
    afterwards: 'unchanged',
    meaning: 'A host function called back into its own sandbox, which waits for that very function.',
    remedy: 'Call another sandbox, or answer first.',
  },
  ERR_HL_CLOSED: {
    class: 'ClosedError',
    fault: 'caller',
    afterwards: 'closed',
    meaning: 'The sandbox or context was closed before or during the call.',
    remedy: 'Create another; a context also ends when a call in it fails (`cause` says how).',
  },
  ERR_HL_EXHAUSTED: {
    class: 'InternalError',
    fault: 'host',
    afterwards: 'recovered',
    meaning: 'The process or the machine has no more memory, file descriptors, threads or timers for a VM.',
    remedy:
      'The message says of what, and which limit to raise. What is open goes on; there is room again when something is closed.',
  },
  ERR_HL_BREACH: {
    class: 'InternalError',
    fault: 'hostile',
    afterwards: 'replaced',
    meaning: 'The VM did something that our guest never does. Its guest has broken out of WebAssembly.',
    remedy: 'Do not run this component again, keep it, and report it: see "How to report" in security.md.',
  },
  ERR_HL_PROTOCOL: {
    class: 'InternalError',
    fault: 'hostile',
    afterwards: 'replaced',
    meaning:
      "What came out of the VM is not a value of the function's type. The runtime in it checks what WebAssembly returns (ERR_HL_TRAP), so somebody speaks in its place.",
    remedy: 'Treat it as ERR_HL_BREACH.',
  },
  ERR_HL_GUEST_PANIC: {
    class: 'InternalError',
    fault: 'host',
    afterwards: 'recovered',
    meaning: 'The program that runs components inside the VM failed.',
    remedy: 'Report it with the message.',
  },
  ERR_HL_INTERNAL: {
    class: 'InternalError',
    fault: 'host',
    afterwards: 'replaced',
    meaning: 'Something in this library failed.',
    remedy: 'Report it with the message.',
  },
} as const satisfies Record<`ERR_HL_${string}`, ErrorEntry>;

/** Every value that `error.code` can have. */
export type ErrorCode = keyof typeof ERRORS;

/** The codes that errors of one class have. */
export type CodeOf<C extends ErrorClassName> = {
  [K in ErrorCode]: (typeof ERRORS)[K]['class'] extends C ? K : never;
}[ErrorCode];
