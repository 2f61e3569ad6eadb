// Owns how failures that the add-on reports as data become errors that users catch. No message is ever parsed.
import type { BindingError, NativeFailure } from '../binding.js';
import type { HyperlightError } from './base.js';
import {
  ClosedError,
  ComponentError,
  HypervisorUnavailableError,
  InternalError,
  LimitError,
  SnapshotError,
  TimeoutError,
  type Trap,
  TrapError,
  type UnavailableReason,
} from './classes.js';

/** What a failure means for users depends on what was going on. */
export interface Circumstances {
  /** How the message names it: `acme:shop/stock#count`, or `create`. */
  readonly what: string;
  /** The host function whose promise was waited for. */
  readonly waitsFor?: string | undefined;
  /** The end of what the guest wrote to stderr meanwhile. */
  readonly stderr?: string;
  readonly timeoutMs: number;
  readonly cpuTimeoutMs: number;
  /** The value of each limit that the VM keeps. */
  readonly limits: { readonly [limit in OwnLimit]: number };
}

/** A limit that is the sandbox's own. */
type OwnLimit = Exclude<Extract<BindingError, { code: 'limit' }>['limit'], 'processMemoryBytes'>;

export function liftError(error: BindingError, at: Circumstances): HyperlightError {
  switch (error.code) {
    case 'trap':
      return trapped(error.trap, `${at.what} trapped: ${error.message}`, error.stack, at);
    case 'bad-result':
      return trapped('bad-result', `${at.what} returned a broken value: ${error.message}`, error.stack, at);
    case 'exit': {
      const { status = 0 } = error;
      return trapped('exit', `${at.what} exited with status ${status}`, error.stack, at, status);
    }
    case 'timeout':
      return timeout(error.kind, at);
    case 'limit':
      return error.limit === 'processMemoryBytes'
        ? new LimitError(
            error.limit,
            `${at.what} needs more memory than this process may give to all its VMs`,
          )
        : new LimitError(
            error.limit,
            `${at.what} went past limits.${error.limit} (${at.limits[error.limit]}); ${remedyOf(error.limit)}`,
          );
    case 'load':
      return new ComponentError(
        'ERR_HL_COMPONENT_START',
        `the component could not be started: ${error.message}`,
      );
    case 'closed':
      return new ClosedError(`${at.what}: the sandbox is closed`);
    case 'breach':
      return new InternalError(
        'ERR_HL_BREACH',
        `${at.what}: the VM was stopped, it did what no guest may: ${error.message}`,
      );
    case 'panic':
      return new InternalError(
        'ERR_HL_GUEST_PANIC',
        `${at.what}: the program inside the VM failed: ${error.message}`,
      );
    case 'exhausted':
      return new InternalError('ERR_HL_EXHAUSTED', `${at.what}: ${error.message}`);
    case 'interrupted':
      // Whoever interrupts a call has answered its caller already.
      return new InternalError('ERR_HL_INTERNAL', `${at.what} was interrupted, and nobody asked for it`);
    case 'host-function':
      // What a host function threw is known on our side, and told from there.
      return new InternalError(
        'ERR_HL_INTERNAL',
        `${at.what}: no host function could be called: ${error.message}`,
      );
    case 'bad-request':
    case 'internal':
      return new InternalError('ERR_HL_INTERNAL', `${at.what}: ${error.message}`);
    case 'damaged-code':
      return new ComponentError(
        'ERR_HL_COMPONENT_CACHE',
        `${at.what}: ${error.message}; load the component again`,
      );
    case 'snapshot':
      return new SnapshotError(error.reason, error.message);
    case 'unavailable':
      return unavailable(parseReason(error.reason), error.message);
    default:
      return unknownCode(error);
  }
}

/** Of the limit of memory, a part is the runtime's: whoever fills that has not used up the whole. */
const remedyOf = (limit: OwnLimit): string =>
  limit === 'memoryBytes'
    ? 'tables, stacks and what the runtime keeps have a quarter of it: raise it if the guest is trusted with more'
    : 'raise it if the guest is trusted with more';

/** What the guest said last is why it stopped, as far as anybody knows. */
function trapped(
  trap: Trap,
  message: string,
  stack: string | undefined,
  { stderr = '' }: Circumstances,
  exitStatus?: number,
): TrapError {
  return new TrapError(
    trap,
    stderr === '' ? message : `${message}\n${stderr}`,
    stack ?? '',
    stderr,
    exitStatus,
  );
}

function timeout(kind: 'wall' | 'cpu', at: Circumstances): TimeoutError {
  const limitMs = kind === 'wall' ? at.timeoutMs : at.cpuTimeoutMs;
  const name = kind === 'wall' ? 'timeoutMs' : 'cpuTimeoutMs';
  const waited = at.waitsFor === undefined ? '' : `; host function ${at.waitsFor} had not answered`;
  const spent = kind === 'wall' ? 'took longer than' : 'used the CPU for longer than';
  return new TimeoutError(kind, limitMs, `${at.what} ${spent} ${name} (${limitMs} ms)${waited}`);
}

/** Why no micro-VM can run; what `@hl/host/in-process` lacks, it says itself. */
type WithoutVm = Exclude<UnavailableReason, 'jco-missing'>;

const HINTS: Record<WithoutVm, string> = {
  platform: 'run it on Linux, x86-64, with glibc',
  'addon-missing': 'install @hl/host-linux-x64-gnu',
  'addon-broken': 'install @hl/host and @hl/host-linux-x64-gnu again, in the same version',
  missing:
    'load the module kvm_intel or kvm_amd, turn virtualisation on in the firmware, or turn nested virtualisation on for this VM; a container needs --device /dev/kvm',
  permission: 'add this user to the group kvm (sudo usermod -aG kvm $USER, then log in again)',
  unsupported: 'use a newer kernel, or a machine whose hypervisor offers more',
  other: 'run npx @hl/host doctor',
};

export function unavailable(reason: WithoutVm, message: string): HypervisorUnavailableError {
  return new HypervisorUnavailableError(reason, message, HINTS[reason]);
}

export function nativeFailure({ reason, message, hint, cause }: NativeFailure): HypervisorUnavailableError {
  return new HypervisorUnavailableError(reason, message, hint, cause === undefined ? undefined : { cause });
}

function parseReason(reason: string): WithoutVm {
  return reason === 'missing' || reason === 'permission' || reason === 'unsupported' ? reason : 'other';
}

function unknownCode(error: never): InternalError {
  return new InternalError('ERR_HL_INTERNAL', `the add-on reported '${(error as { code?: unknown }).code}'`);
}
