// Owns the way from the author's source to a component, stage by stage.
import { resolve } from 'node:path';
import { bundle } from './bundle.js';
import { Componentizer } from './componentizer.js';
import type { WorldDescriptor } from './descriptor.js';
import { ENGINES, type EngineName, refuseUnsupported } from './engines.js';
import { refuseFolder, writeMade } from './output.js';
import { sourceMapFor } from './positions.js';
import { type BundlePart, partsOf } from './sizes.js';
import { readWorld } from './world.js';

export interface BuildOptions {
  /** The author's TypeScript or JavaScript module. */
  entry: string;
  /** A WIT folder or file. */
  wit: string;
  /** May be left out where there is one world. */
  world?: string;
  /** Where to write the component, and its source map beside it (`plugin.wasm.map`); left out, it is only returned. */
  out?: string;
  /** QuickJS unless said otherwise. */
  engine?: EngineName;
  /** Takes out white space and dead branches. */
  minify?: boolean;
  /**
   * How long the engine's tools may take, which run the guest's top level once. 60,000 for QuickJS, 600,000 for
   * StarlingMonkey, which compiles its whole engine for a new world.
   */
  timeoutMs?: number;
}

const TIMEOUT_MS: Record<EngineName, number> = { quickjs: 60_000, starlingmonkey: 600_000 };

export interface BuiltGuest {
  component: Uint8Array;
  /** From the engine's positions (`guest.js:7:42`) to the author's; its sources are relative to `out`'s folder. */
  sourceMap: string;
  descriptor: WorldDescriptor;
  engine: EngineName;
  /** How large the component is, the JavaScript in it, and what that is made of: the largest part first. */
  sizes: { componentBytes: number; bundleBytes: number; parts: BundlePart[] };
  timings: { bundleMs: number; componentizeMs: number };
  /** Every file of the author's that the component was made from, absolute. */
  inputs: string[];
}

/**
 * Builds a component from a JavaScript or TypeScript module and the WIT world that it implements.
 *
 * ```ts
 * const { component } = await buildGuest({ entry: 'src/plugin.ts', wit: 'wit', out: 'plugin.wasm' });
 * ```
 *
 * # Throws
 * `GuestBuildError` for what is wrong with the guest; its file names and lines are the author's.
 */
export async function buildGuest(options: BuildOptions): Promise<BuiltGuest> {
  const componentizer = new Componentizer();
  try {
    return await buildWith(componentizer, options);
  } finally {
    componentizer.close();
  }
}

/** For who builds several times: the componentizer stays warm, and is closed by its owner. */
export async function buildWith(componentizer: Componentizer, options: BuildOptions): Promise<BuiltGuest> {
  const engine = parseEngine(options.engine ?? 'quickjs');
  const timeoutMs = parseTimeout(options.timeoutMs ?? TIMEOUT_MS[engine]);
  const world = await readWorld(options.wit, options.world);
  refuseUnsupported(world.descriptor, engine);
  if (options.out !== undefined) await refuseFolder(options.out);

  // It begins while the bundler works.
  componentizer.start();
  const started = performance.now();
  const entry = resolve(options.entry);
  const bundled = await bundle({ entry, world, engine, minify: options.minify ?? false });
  const bundledAt = performance.now();
  const { code, positions } = bundled;
  const component = await componentizer.componentize(
    { engine, world, bundle: { code, positions } },
    timeoutMs,
  );
  const sourceMap = sourceMapFor(bundled.map, options.out ?? 'guest.wasm');
  if (options.out !== undefined) {
    await writeMade(options.out, component);
    await writeMade(`${options.out}.map`, sourceMap);
  }

  return {
    component,
    sourceMap,
    descriptor: world.descriptor,
    engine,
    sizes: {
      componentBytes: component.length,
      bundleBytes: Buffer.byteLength(code),
      parts: partsOf(bundled.metafile),
    },
    timings: { bundleMs: bundledAt - started, componentizeMs: performance.now() - bundledAt },
    inputs: bundled.inputs,
  };
}

function parseEngine(name: string): EngineName {
  if ((ENGINES as readonly string[]).includes(name)) return name as EngineName;
  throw new TypeError(`engine must be one of ${ENGINES.join(', ')}, got ${name}`);
}

function parseTimeout(timeoutMs: number): number {
  // Timers know no longer ones.
  if (timeoutMs > 0 && timeoutMs < 2 ** 31) return timeoutMs;
  throw new RangeError(`timeoutMs must be a number of milliseconds above 0, got ${timeoutMs}`);
}
