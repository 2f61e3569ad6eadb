// Owns the way from the author's source to a component, stage by stage.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Bundle, bundle } from './bundle.js';
import { componentizeQuickjs } from './componentize-quickjs.js';
import { componentizeStarlingmonkey } from './componentize-starlingmonkey.js';
import type { WorldDescriptor } from './descriptor.js';
import { ENGINES, type EngineName, refuseUnsupported } from './engines.js';
import { sourceMapFor } from './positions.js';
import { readWorld, type World } from './world.js';

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
}

export interface BuiltGuest {
  component: Uint8Array;
  /** From the engine's positions (`guest.js:7:42`) to the author's; its sources are relative to `out`'s folder. */
  sourceMap: string;
  descriptor: WorldDescriptor;
  engine: EngineName;
  /** How large the JavaScript is, and the component around it. */
  sizes: { bundleBytes: number; componentBytes: number };
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
  const engine = parseEngine(options.engine ?? 'quickjs');
  const world = await readWorld(options.wit, options.world);
  refuseUnsupported(world.descriptor, engine);

  const started = performance.now();
  const entry = resolve(options.entry);
  const bundled = await bundle({ entry, world, engine, minify: options.minify ?? false });
  const bundledAt = performance.now();
  const component = await componentize(engine, world, bundled);
  const sourceMap = sourceMapFor(bundled.map, options.out ?? 'guest.wasm');
  if (options.out !== undefined) await write(options.out, component, sourceMap);

  return {
    component,
    sourceMap,
    descriptor: world.descriptor,
    engine,
    sizes: { bundleBytes: Buffer.byteLength(bundled.code), componentBytes: component.length },
    timings: { bundleMs: bundledAt - started, componentizeMs: performance.now() - bundledAt },
    inputs: bundled.inputs,
  };
}

async function write(path: string, component: Uint8Array, sourceMap: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await Promise.all([writeFile(path, component), writeFile(`${path}.map`, sourceMap)]);
}

function componentize(engine: EngineName, world: World, bundled: Bundle): Promise<Uint8Array> {
  switch (engine) {
    case 'quickjs':
      return componentizeQuickjs(world, bundled);
    case 'starlingmonkey':
      return componentizeStarlingmonkey(world, bundled);
  }
}

function parseEngine(name: string): EngineName {
  if ((ENGINES as readonly string[]).includes(name)) return name as EngineName;
  throw new TypeError(`engine must be one of ${ENGINES.join(', ')}, got ${name}`);
}
