// Owns the way from options to a running sandbox: hypervisor, component, world, imports, VM, warm-up.
import { abortable, throwIfAborted } from '../abort.js';
import { type BindingCreate, loadNative, type Native } from '../binding.js';
import { type Artifact, codeOf } from '../component/artifact.js';
import { evict, isInCache } from '../component/cache.js';
import { readSource } from '../component/source.js';
import { artifactOf, Component } from '../component.js';
import { AbortError, ComponentError, InternalError } from '../errors/classes.js';
import { nativeFailure, unavailable } from '../errors/lift.js';
import { otherComponent } from '../snapshot/file.js';
import { grantedOf, numberOf, type Snapshot } from '../snapshot.js';
import { GrantedWasi, grantingOf, requireSameParts, requireWasi } from '../wasi/grant.js';
import { compareWorlds } from '../world/compare.js';
import { type BoundFunctions, bindFunctions } from '../world/functions.js';
import { newContext } from './context.js';
import { ContextState } from './context-state.js';
import { Engine } from './engine.js';
import { type Layout, layoutOf, lazyExportsOf } from './exports.js';
import { type HostFunction, linkImports } from './imports.js';
import type { ParsedOptions } from './options.js';
import { Output } from './output.js';
import { resourcesError } from './snapshot.js';
import { forBinding } from './vm.js';

/** What a sandbox is made of. */
export interface SandboxParts {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly lazyExports: ReturnType<typeof lazyExportsOf>;
  readonly component: Component;
  readonly inherited: Inherited;
}

/** What others take over that are made from it. */
export type Inherited = Pick<
  ParsedOptions,
  'world' | 'imports' | 'wasi' | 'stdout' | 'stderr' | 'limits' | 'reset'
>;

export async function createSandbox(options: ParsedOptions): Promise<SandboxParts> {
  throwIfAborted(options.signal);
  const native = requireHypervisor();
  const component = await findComponent(options);
  try {
    return await start(native, component, options);
  } catch (error) {
    if (!(error instanceof ComponentError) || error.code !== 'ERR_HL_COMPONENT_CACHE') throw error;
    await evict(artifactOf(component));
    // Of a loaded component the bytes are gone.
    if (options.snapshot !== undefined || options.component instanceof Component) throw error;
    return await start(native, await findComponent(options), options);
  }
}

async function start(native: Native, component: Component, options: ParsedOptions): Promise<SandboxParts> {
  const artifact = artifactOf(component);
  const world = options.world?.descriptor;
  if (world !== undefined) compareWorlds(world, artifact.descriptor);
  const granting = grantingOf(options.wasi, artifact.descriptor);
  if (granting !== undefined) requireWasi(artifact.descriptor, granting);
  if (options.snapshot !== undefined) requireSameParts(grantedOf(options.snapshot), granting);
  const functions = bindFunctions(artifact, world, granting);
  const isolated = [...new Set([...artifact.wasi].map((name) => name.slice(0, name.indexOf('#'))))];
  const { stdout, stderr, limits, reset } = options;
  const output = new Output(stdout, stderr);
  const target = output.target(limits.maxOutputBytes);
  const granted = granting && (await GrantedWasi.create(options.wasi, target));
  const link = (): HostFunction[] => {
    const wasi = granted?.importsOf(artifact.descriptor, granting!) ?? {};
    const { imports } = options;
    return linkImports({ imports, granted: wasi, wanted: functions.imports, isolated, world });
  };
  const engine = new Engine({
    binding: native.binding,
    imports: orElse(link, () => granted?.close()),
    hasResources: functions.hasResources,
    limits,
    output,
    component: component.hash,
    holdings: granted,
    granted: granting?.parts ?? [],
  });
  const layout = layoutOf(functions.exports);
  const { imports: inheritedImports, wasi } = options;
  const inherited = { world: options.world, imports: inheritedImports, wasi, stdout, stderr, limits, reset };
  const parts = { engine, layout, lazyExports: lazyExportsOf(layout), component, inherited };
  try {
    options.onProgress?.({ stage: 'start', bytes: artifact.codeBytes });
    const create = bindingCreate(artifact, functions, options);
    if (options.snapshot !== undefined) create.snapshot = numberOf(options.snapshot);
    const started = engine.start((onEvent) => native.binding.createSandbox(create, onEvent));
    await abortable(options.signal, started);
    if (options.warmup !== undefined) await abortable(options.signal, warmUp(parts, options.warmup));
    return parts;
  } catch (error) {
    const closed = engine.close();
    // Who cancels does not wait until the VM is gone.
    if (!(error instanceof AbortError)) await closed;
    const readsCache = options.snapshot === undefined;
    if (readsCache && error instanceof InternalError && !(await isInCache(artifact)))
      throw goneFromCache(artifact, error);
    throw error;
  }
}

/** `work`'s answer; where it throws, `undo` first. */
function orElse<T>(work: () => T, undo: () => void): T {
  try {
    return work();
  } catch (error) {
    undo();
    throw error;
  }
}

function goneFromCache({ path }: Artifact, cause: unknown): ComponentError {
  const message = `the compiled component is no longer in the cache as ${path}; load it again`;
  return new ComponentError('ERR_HL_COMPONENT_CACHE', message, { cause });
}

let probed = false;

/** Asked before a component is compiled, which may take seconds; once it is there it is not asked again. */
function requireHypervisor(): Native {
  const loaded = loadNative();
  if (!loaded.ok) throw nativeFailure(loaded);
  if (!probed) {
    const probe = loaded.native.binding.probe();
    if (!probe.ok) throw unavailable(probe.reason, probe.message);
    probed = true;
  }
  return loaded.native;
}

async function findComponent(options: ParsedOptions): Promise<Component> {
  const { component, snapshot } = options;
  if (snapshot === undefined) return loadComponent(component!, options);
  if (component !== undefined) await requireSame(component, snapshot);
  return snapshot.component;
}

/** It need not be compiled for that. */
async function requireSame(
  component: NonNullable<ParsedOptions['component']>,
  snapshot: Snapshot,
): Promise<void> {
  const hash = component instanceof Component ? component.hash : (await readSource(component)).hash;
  if (hash === snapshot.component.hash) return;
  throw otherComponent(snapshot.component.hash, hash);
}

function loadComponent(
  component: NonNullable<ParsedOptions['component']>,
  { signal, onProgress }: ParsedOptions,
): Promise<Component> {
  return Component.load(component, {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** More than any of them can reach, and exact in every integer type on the way. */
const UNLIMITED = 0xffff_ffff;

function bindingCreate(
  artifact: Artifact,
  functions: BoundFunctions,
  { limits, reset }: ParsedOptions,
): BindingCreate {
  const finite = (limit: number): number => Math.min(limit, UNLIMITED);
  return {
    code: codeOf(artifact),
    exports: functions.loadExports,
    imports: functions.loadImports,
    memoryBytes: limits.memoryBytes,
    replyBytesMax: finite(limits.maxReplyBytes),
    outputBytesMax: finite(limits.maxOutputBytes),
    hostCallsMax: finite(limits.maxHostCalls),
    timeoutMs: forBinding(limits.timeoutMs),
    cpuTimeoutMs: forBinding(limits.cpuTimeoutMs),
    resetMemory: reset === 'memory',
  };
}

async function warmUp(parts: SandboxParts, warmup: NonNullable<ParsedOptions['warmup']>): Promise<void> {
  const { engine, layout, lazyExports, component } = parts;
  const state = new ContextState();
  engine.context = state;
  await warmup(newContext({ engine, state, layout, lazyExports, component, defaults: {} }));
  // Also where the function caught it: its effects are gone, so they would not be part of the base state.
  if (state.endedBy !== undefined) throw state.endedBy.cause;
  const held = resourcesError(state, 'warmup');
  if (held !== undefined) throw held;
  state.finished = true;
  engine.context = undefined;
  await engine.changeState('rebase');
}
