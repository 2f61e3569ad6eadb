// Owns Component: a compiled component, and what it wants and offers.
import { abortable, throwIfAborted } from './abort.js';
import { loadNative } from './binding.js';
import type { Artifact } from './component/artifact.js';
import { loadArtifact } from './component/cache.js';
import { isLeftover } from './component/leftovers.js';
import { type ComponentSource, readSource } from './component/source.js';
import type { InterfaceDescriptor } from './descriptor.js';
import { nativeFailure } from './errors/lift.js';
import { qualifiedName } from './names.js';
import type { AbortSignalLike } from './structural.js';

/** What is going on while a component is loaded or a sandbox created. */
export interface Progress {
  /** `compile`: the component is not in the cache and is being compiled. `start`: its VM starts. */
  readonly stage: 'compile' | 'start';
  /** Size of the component, or of its compiled code. */
  readonly bytes: number;
}

export interface ComponentOptions {
  /** Cancels the load; a compilation that nobody else waits for is killed. */
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: Progress) => void;
}

/** A function that a component exports or imports. */
export interface ComponentFunction {
  /** Full name of the interface, or null for a function of the world itself. */
  readonly interface: string | null;
  readonly name: string;
  /** Its signature as WIT text. */
  readonly wit: string;
}

export interface ComponentImport extends ComponentFunction {
  /** `isolated`: the VM itself answers it and nothing outside is reached. `host`: `imports` must have it. */
  readonly servedBy: 'isolated' | 'host';
}

/** For the rest of this package only. */
export let newComponent: (artifact: Artifact) => Component;
export let artifactOf: (component: Component) => Artifact;

/**
 * A compiled component: to a sandbox what `WebAssembly.Module` is to an instance.
 *
 * @example
 * const component = await Component.load('./plugin.wasm');
 * for (const wanted of component.imports) console.log(wanted.interface, wanted.wit, wanted.servedBy);
 */
export class Component {
  /** SHA-256 of the component's bytes, in hex. */
  readonly hash: string;
  /** Its interface as WIT text. */
  readonly wit: string;
  readonly imports: readonly ComponentImport[];
  readonly exports: readonly ComponentFunction[];
  readonly #artifact: Artifact;

  private constructor(artifact: Artifact) {
    const { descriptor, wasi } = artifact;
    this.#artifact = artifact;
    this.hash = artifact.hash;
    this.wit = artifact.wit;
    this.exports = Object.freeze(functionsOf(descriptor.exports));
    this.imports = Object.freeze(
      functionsOf(descriptor.imports).map((one): ComponentImport => {
        const isolated = wasi.has(qualifiedName(one.interface, one.name));
        return Object.freeze({ ...one, servedBy: isolated ? 'isolated' : 'host' });
      }),
    );
  }

  /**
   * Compiles a component, or takes it from the cache if the same bytes were compiled before. Compiling happens
   * in another process, under limits of memory and time.
   */
  static async load(source: ComponentSource | Component, options: ComponentOptions = {}): Promise<Component> {
    if (source instanceof Component) return source;
    const { signal, onProgress } = options;
    throwIfAborted(signal);
    const bytes = await abortable(signal, readSource(source));
    const loaded = loadNative();
    if (!loaded.ok) throw nativeFailure(loaded);
    const { compilerPath, loadArtifact: load = loadArtifact } = loaded.native;
    const onCompile = (): void => announce(bytes.bytes.length, onProgress);
    return new Component(await abortable(signal, load(bytes, { compilerPath, signal, onCompile })));
  }

  static {
    newComponent = (artifact) => new Component(artifact);
    artifactOf = (component) => component.#artifact;
  }
}

function functionsOf(interfaces: readonly InterfaceDescriptor[]): ComponentFunction[] {
  return interfaces.flatMap(({ name, functions }) =>
    functions
      .filter((one) => !isLeftover(name, one))
      .map((one) => Object.freeze({ interface: name, name: one.name, wit: one.wit })),
  );
}

/** A compile may take seconds, so it says so: to `onProgress`, or else to whoever watches a terminal. */
function announce(bytes: number, onProgress: ComponentOptions['onProgress']): void {
  if (onProgress !== undefined) onProgress({ stage: 'compile', bytes });
  else if (process.stderr.isTTY) {
    process.stderr.write(`hyperlight: compiling a component of ${Math.ceil(bytes / 1024)} KiB, once\n`);
  }
}
