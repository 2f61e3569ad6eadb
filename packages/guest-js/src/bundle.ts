// Owns the bundle: the author's TypeScript and npm packages, and our wrapper around them, as one module.
import { relative, resolve } from 'node:path';
import { type BuildFailure, build, formatMessages, type Message, type Metafile, type Plugin } from 'esbuild';
import type { EngineName } from './engines.js';
import { GuestBuildError } from './errors.js';
import { guestFolder } from './guest-folder.js';
import { type Positions, readPositions } from './positions.js';
import { wasiSpecifier } from './quickjs-world.js';
import type { World } from './world.js';
import { entryModule, worldModule } from './wrap/entry.js';
import { type ImportTarget, importModule, importTargets } from './wrap/imports.js';
import { hasResources } from './wrap/resources.js';

export interface Bundle {
  code: string;
  positions: Positions;
  /** The source map of `code`, as esbuild made it. */
  map: string;
  /** Every file of the author's that went into it, absolute. */
  inputs: string[];
  metafile: Metafile;
}

/** The bundle's name in the engine's stack traces. */
export const BUNDLE_NAME = 'guest.js';

const ENTRY = 'hl:entry';

/** What engines here understand: QuickJS-ng and SpiderMonkey both have all of it. */
const TARGET = 'es2022';

export interface BundleOptions {
  entry: string;
  world: World;
  engine: EngineName;
  minify: boolean;
}

/**
 * # Throws
 * `GuestBuildError` with the author's files and lines.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    absWorkingDir: process.cwd(),
    outfile: BUNDLE_NAME,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: TARGET,
    mainFields: ['module', 'main'],
    conditions: ['import', 'module'],
    define: { 'process.env.NODE_ENV': '"production"' },
    sourcemap: 'external',
    sourcesContent: false,
    minifySyntax: options.minify,
    minifyWhitespace: options.minify,
    logLevel: 'silent',
    plugins: [worldPlugin(options)],
  }).catch(async (failure: BuildFailure) => {
    throw new GuestBuildError('bundle', await explain(failure.errors ?? [], failure, options));
  });
  const text = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  const code = text(BUNDLE_NAME);
  const map = text('.map');
  const positions = readPositions(map);
  return {
    code: `${code}\nglobalThis.__hlPositions = ${JSON.stringify(positions)};\n`,
    positions,
    map,
    metafile,
    inputs: Object.keys(metafile.inputs)
      .filter((path) => !path.startsWith('hl:'))
      .map((path) => resolve(path))
      .filter((path) => !path.startsWith(guestFolder)),
  };
}

async function explain(errors: Message[], failure: Error, options: BundleOptions): Promise<string> {
  if (errors.length === 0) return failure.message;
  const told = errors.map((error) => ({
    ...error,
    text: missingEntry(error, options) ?? missingFunction(error.text, options) ?? error.text,
    pluginName: '',
    // Our own modules are none that the author could look into.
    location: error.location?.file.startsWith(`${NAMESPACE}:`) ? null : error.location,
    // esbuild's advice here is to leave the import unresolved, which no guest survives.
    notes: error.text.startsWith('Could not resolve') ? [] : error.notes,
  }));
  const lines = await formatMessages(told, { kind: 'error', color: false });
  return lines.join('').trimEnd();
}

function missingEntry({ text, location }: Message, { entry }: BundleOptions): string | undefined {
  if (location?.file !== ENTRY || text !== `Could not resolve ${JSON.stringify(entry)}`) return undefined;
  const shown = relative(process.cwd(), entry) || '.';
  return `there is no module ${shown}; name the TypeScript or JavaScript file that the guest begins with`;
}

/** An import of a name that the generated module of an interface does not have, in the world's own terms. */
function missingFunction(text: string, { world }: BundleOptions): string | undefined {
  const [, specifier, name] = /^No matching export in "hl:import\/(.*)" for import "(.*)"$/.exec(text) ?? [];
  const target = specifier === undefined ? undefined : importTargets(world.descriptor).get(specifier);
  return target?.kind === 'interface' ? `${specifier} has no function ${name}` : undefined;
}

const NAMESPACE = 'hl';

/** Resolves the world's interfaces, and the few names between the generated modules. */
function worldPlugin({ entry, world, engine }: BundleOptions): Plugin {
  const { descriptor } = world;
  const targets = importTargets(descriptor);
  const shown = relative(process.cwd(), entry);
  return {
    name: 'hl-world',
    setup({ onResolve, onLoad }) {
      // Names of our own only: an author's WIT package may be called `hl` too.
      onResolve({ filter: /^hl:(entry$|world$|raw\/|wasi\/)/ }, ({ path }) => {
        const raw = /^hl:raw\/(.*)$/.exec(path)?.[1];
        if (raw) return { path: raw, external: true };
        const wasi = /^hl:wasi\/(.*)$/.exec(path)?.[1];
        if (wasi) return { path: wasiSpecifier(wasi, world), external: true };
        return { path: path.slice(NAMESPACE.length + 1), namespace: NAMESPACE };
      });
      onResolve({ filter: /^[a-z]/ }, ({ path, namespace }) => {
        if (namespace === NAMESPACE && path.startsWith('/')) return;
        const target = targets.get(path);
        if (target) {
          const sideEffects = target.kind === 'interface' && hasResources(target.face, descriptor);
          return { path: `import/${path}`, namespace: NAMESPACE, sideEffects };
        }
        if (/^[a-z][a-z0-9-]*:[a-z]/.test(path) && !/^(node|data|https?|file):/.test(path)) {
          return {
            errors: [{ text: `the world ${descriptor.name} does not import ${path}; ${listed(targets)}` }],
          };
        }
        if (path.startsWith('node:')) {
          return { errors: [{ text: `${path} belongs to Node.js, and a guest runs outside of it` }] };
        }
        return undefined;
      });
      onLoad({ filter: /^entry$/, namespace: NAMESPACE }, () => ({
        contents: entryModule(descriptor, engine, entry, shown),
        resolveDir: process.cwd(),
      }));
      onLoad({ filter: /^world$/, namespace: NAMESPACE }, () => ({
        contents: worldModule(descriptor, engine),
        resolveDir: process.cwd(),
      }));
      onLoad({ filter: /^import\//, namespace: NAMESPACE }, ({ path }) => {
        const target = targets.get(path.slice('import/'.length));
        return target
          ? { contents: importModule(target, descriptor, engine), resolveDir: process.cwd() }
          : null;
      });
    },
  };
}

function listed(targets: ReadonlyMap<string, ImportTarget>): string {
  const names = [...targets].filter(([, { kind }]) => kind !== 'world').map(([name]) => name);
  return names.length === 0 ? 'it imports nothing' : `it imports ${names.join(', ')}`;
}
