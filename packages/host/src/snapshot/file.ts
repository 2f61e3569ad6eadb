// Owns snapshots as files: saving one, and bringing one that is loaded together with its component.
import { abortable, throwIfAborted } from '../abort.js';
import { type Binding, type BindingError, type BindingLoaded, loadNative } from '../binding.js';
import { type Artifact, codeOf } from '../component/artifact.js';
import { evict, findArtifact } from '../component/cache.js';
import { type ComponentSource, readSource } from '../component/source.js';
import { artifactOf, Component, type ComponentOptions, newComponent } from '../component.js';
import { ComponentError, SnapshotError } from '../errors/classes.js';
import { liftError, nativeFailure } from '../errors/lift.js';
import { isPermitted } from '../permission.js';
import { parseLimits } from '../sandbox/limits.js';
import type { UrlLike } from '../structural.js';
import { bindFunctions } from '../world/functions.js';
import type { Held } from './held.js';
import { type Note, parseNote, parsePath, printNote } from './note.js';

export interface LoadOptions extends ComponentOptions {
  /** The component whose state it is. Needed only where its compiled code is not in this machine's cache. */
  readonly component?: ComponentSource | Component;
}

export async function saveSnapshot(held: Held, path: string | UrlLike): Promise<void> {
  const { hash, config } = artifactOf(held.component);
  const note = printNote({ component: hash, config, granted: held.granted });
  const file = parsePath(path);
  requirePermission('write', file);
  const { error } = await held.binding.saveSnapshot(held.number, file, note);
  if (error !== undefined) throw lift('save()', error);
}

/** The file is opened by native code, which Node's permissions do not bind. */
function requirePermission(what: 'read' | 'write', file: string): void {
  if (isPermitted(`fs.${what}`, file)) return;
  throw new SnapshotError(
    'file',
    `${file}: this process may not ${what} it, by Node's permissions; start it with --allow-fs-${what}=${file}`,
  );
}

export async function loadSnapshot(path: string | UrlLike, options: LoadOptions): Promise<Held> {
  const file = parsePath(path);
  requirePermission('read', file);
  throwIfAborted(options.signal);
  const loaded = loadNative();
  if (!loaded.ok) throw nativeFailure(loaded);
  const { binding } = loaded.native;
  try {
    return await read(binding, file, options);
  } catch (error) {
    const isDamagedCode = error instanceof ComponentError && error.code === 'ERR_HL_COMPONENT_CACHE';
    // It is out of the cache by now, so it is compiled anew. Of a loaded component the bytes are gone.
    const { component } = options;
    if (!isDamagedCode || component === undefined || component instanceof Component) throw error;
    return await read(binding, file, options);
  }
}

async function read(binding: Binding, file: string, options: LoadOptions): Promise<Held> {
  const contents = await unlessAborted(binding, options, binding.loadSnapshot(file));
  const number = contents.snapshot!;
  try {
    const note = parseNote(file, contents.note!);
    const component = await findComponent(note, options);
    const artifact = artifactOf(component);
    if (artifact.codeChecksum !== contents.codeChecksum) {
      throw new SnapshotError(
        'component',
        `${file} belongs to code that was compiled otherwise than what is in the cache: take the snapshot anew`,
      );
    }
    const attaching = attach(binding, number, artifact);
    prepare(artifact);
    const attached = await unlessAborted(binding, options, attaching);
    return { binding, number: attached.snapshot!, component, granted: note.granted, file };
  } catch (error) {
    binding.releaseSnapshot(number);
    throw error;
  }
}

/** Rejects with what went wrong. What comes after an abort is released: nobody waits for it. */
async function unlessAborted(
  binding: Binding,
  { signal }: LoadOptions,
  work: Promise<BindingLoaded>,
): Promise<BindingLoaded> {
  let isLate = false;
  const whenLate = ({ snapshot }: BindingLoaded): void => {
    if (isLate && snapshot !== undefined) binding.releaseSnapshot(snapshot);
  };
  work.then(whenLate, () => undefined);
  try {
    const { error, ...loaded } = await abortable(signal, work);
    if (error !== undefined) throw lift('Snapshot.load()', error);
    return loaded;
  } catch (error) {
    isLate = true;
    throw error;
  }
}

/** The component with its compiled code: as it was when the snapshot was saved, wherever that is possible. */
async function findComponent(note: Note, options: LoadOptions): Promise<Component> {
  const { component: given, ...rest } = options;
  if (given !== undefined) await requireSame(given, note);
  const expected = { hash: note.component, config: note.config };
  const artifact = await findArtifact(expected);
  if (artifact !== undefined) return newComponent(artifact);
  if (given !== undefined) return Component.load(given, rest);
  throw new SnapshotError(
    'component',
    `the compiled component ${note.component} is not in the cache: Snapshot.load(path, { component }) compiles it`,
  );
}

async function requireSame(given: ComponentSource | Component, { component }: Note): Promise<void> {
  const hash = given instanceof Component ? given.hash : (await readSource(given)).hash;
  if (hash !== component) throw otherComponent(component, hash);
}

export function otherComponent(ofSnapshot: string, given: string): SnapshotError {
  return new SnapshotError(
    'component',
    `the snapshot is of another component: its SHA-256 is ${ofSnapshot}, that of the one given is ${given}`,
  );
}

/** Damaged code is thrown out of the cache, so that the next load compiles it. */
async function attach(binding: Binding, number: number, artifact: Artifact): Promise<BindingLoaded> {
  const attached = await binding.attachSnapshot(number, codeOf(artifact));
  if (attached.error?.code === 'damaged-code') await evict(artifact);
  return attached;
}

/** Does what the first sandbox will need while another thread reads the code. */
function prepare(artifact: Artifact): void {
  try {
    bindFunctions(artifact, undefined);
  } catch {
    // Whoever wants the function that cannot cross is told so; a world may leave it out.
  }
}

function lift(what: string, error: BindingError): Error {
  const none = Number.POSITIVE_INFINITY;
  return liftError(error, { what, timeoutMs: none, cpuTimeoutMs: none, limits: parseLimits(undefined) });
}
