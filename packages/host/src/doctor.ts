// Owns doctor(): whether micro-VMs can run here, and if not, what to do.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { isMusl, type Loaded, loadAddon, type Native, PLATFORM_PACKAGE } from './binding.js';
import { makeCacheFolder } from './component/cache.js';
import { compilerVersion } from './component/compiler.js';
import { HypervisorUnavailableError } from './errors/classes.js';
import { unavailable } from './errors/lift.js';
import { MiB } from './units.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do; only where it is not ok. */
  readonly hint?: string;
}

export interface Diagnosis {
  /** All checks are ok. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

const NODE_MIN = [20, 20] as const;
/** Below this a sandbox with default limits is not sure to find its memory. */
const MEMORY_BYTES_MIN = MiB(512);

/**
 * Looks at everything that a sandbox needs. Never throws and never rejects.
 *
 * @example
 * const { ok, checks } = await doctor();
 * if (!ok) for (const { name, detail, hint } of checks) console.error(name, detail, hint ?? '');
 */
export async function doctor(): Promise<Diagnosis> {
  const loaded = loadAddon();
  const native = loaded.ok ? loaded.native : undefined;
  const checks = [
    await guarded('platform', checkPlatform),
    await guarded('node', checkNode),
    await guarded('add-on', () => checkAddon(loaded)),
    await guarded('compiler', () => checkCompiler(native)),
    await guarded('hypervisor', () => checkHypervisor(native)),
    await guarded('cache', checkCache),
    await guarded('memory', checkMemory),
  ];
  return { ok: checks.every((check) => check.ok), checks };
}

const passed = (name: string, detail: string): Check => ({ name, ok: true, detail });
const failed = (name: string, detail: string, hint: string): Check => ({ name, ok: false, detail, hint });

const WITHOUT = "for development without it, import from '@hl/host/in-process'";

/** What only a machine with KVM can mend. */
const failedHere = (name: string, detail: string, hint: string): Check =>
  failed(name, detail, `${hint}; ${WITHOUT}`);

/** Whatever goes wrong in a check is its result. */
async function guarded(name: string, check: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof HypervisorUnavailableError) return failed(name, error.message, error.hint);
    return failed(name, error instanceof Error ? error.message : String(error), 'report it with this text');
  }
}

function checkPlatform(): Check {
  const here = `${process.platform} on ${process.arch}`;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return failedHere('platform', here, 'micro-VMs need Linux on x86-64');
  }
  if (isMusl())
    return failedHere(
      'platform',
      `${here} with musl`,
      'use a system with glibc, such as the image node:20-slim',
    );
  return passed('platform', `${here} with glibc`);
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return enough
    ? passed('node', process.version)
    : failed('node', process.version, `use Node.js ${NODE_MIN.join('.')} or later`);
}

function checkAddon(loaded: Loaded): Check {
  if (!loaded.ok) return failed('add-on', loaded.message, loaded.hint);
  return passed('add-on', `${PLATFORM_PACKAGE}, ABI version ${loaded.native.binding.describe().abiVersion}`);
}

async function checkCompiler(native: Native | undefined): Promise<Check> {
  if (native === undefined) return failed('compiler', 'it comes with the add-on', 'see add-on');
  const { wasmtime } = await compilerVersion(native.compilerPath);
  return passed('compiler', `wasmtime ${wasmtime}`);
}

async function checkHypervisor(native: Native | undefined): Promise<Check> {
  if (native === undefined) return checkDevice();
  const probe = native.binding.probe();
  if (probe.ok) return passed('hypervisor', '/dev/kvm');
  return failedHere('hypervisor', probe.message, unavailable(probe.reason, probe.message).hint);
}

/** As much as can be told without the add-on. */
async function checkDevice(): Promise<Check> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return passed('hypervisor', '/dev/kvm can be opened');
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'permission' : 'missing';
    const detail = reason === 'missing' ? 'there is no /dev/kvm' : 'this user may not open /dev/kvm';
    return failedHere('hypervisor', detail, unavailable(reason, detail).hint);
  }
}

async function checkCache(): Promise<Check> {
  const hint =
    'set XDG_CACHE_HOME to a folder that may be written; a process that starts from a saved snapshot only reads there';
  try {
    const folder = await makeCacheFolder();
    await access(folder, constants.W_OK);
    return passed('cache', folder);
  } catch (error) {
    return failed('cache', error instanceof Error ? error.message : String(error), hint);
  }
}

function checkMemory(): Check {
  // What a container may use counts, not what the machine has; 0 means that there is no such limit.
  const constrained = process.constrainedMemory?.() ?? 0;
  const bytes = constrained > 0 ? Math.min(freemem(), constrained) : freemem();
  const detail = `${Math.floor(bytes / MiB(1))} MiB free, ${availableParallelism()} CPUs`;
  if (bytes >= MEMORY_BYTES_MIN) return passed('memory', detail);
  return failed('memory', detail, 'a sandbox may take 256 MiB: free some, or lower limits.memoryBytes');
}
