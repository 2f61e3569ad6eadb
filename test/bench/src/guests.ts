// Owns building the one guest as a component for each engine, and saying why one is left out.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGuest, GuestBuildError } from '@hl/guest-js';
import { cargoBuild } from './cargo.js';
import { inPackage, inRoot } from './paths.js';

/** Those that components are built for. */
export const COMPONENT_ENGINES = ['rust', 'quickjs', 'starlingmonkey'] as const;
export type ComponentEngine = (typeof COMPONENT_ENGINES)[number];

/** What runs a guest: it is wasm itself, its engine is, or V8 runs its script. */
export type Engine = ComponentEngine | 'v8';

export interface Guest {
  readonly engine: Engine;
  /** What the contestant runs: a component, a folder that jco wrote, a script, a plug-in. */
  readonly path: string;
}

export interface LeftOut {
  readonly engine: Engine;
  readonly reason: string;
}

export interface Guests {
  readonly built: readonly Guest[];
  readonly leftOut: readonly LeftOut[];
}

export async function prepareComponents(): Promise<Guests> {
  const built: Guest[] = [];
  const leftOut: LeftOut[] = [];
  for (const engine of COMPONENT_ENGINES) {
    try {
      built.push({ engine, path: await prepareComponent(engine) });
    } catch (error) {
      const reason = whatIsNotInstalled(error);
      if (reason === undefined) throw error;
      leftOut.push({ engine, reason });
    }
  }
  return { built, leftOut };
}

/** The component's file. */
export async function prepareComponent(engine: ComponentEngine): Promise<string> {
  switch (engine) {
    case 'rust':
      await cargoBuild('--package', 'hl-bench-guest', '--target', 'wasm32-wasip2');
      return inRoot('target/wasm32-wasip2/release/hl_bench_guest.wasm');
    case 'quickjs':
    case 'starlingmonkey':
      return prepareScript(engine);
  }
}

/** Built again when the guest or its builder has changed. */
async function prepareScript(engine: 'quickjs' | 'starlingmonkey'): Promise<string> {
  const entry = inPackage('guests/typescript/guest.ts');
  const wit = inPackage('wit');
  const out = inPackage('out', `${engine}.wasm`);
  const stampFile = `${out}.stamp`;
  const builder = dirname(fileURLToPath(import.meta.resolve('@hl/guest-js')));
  const stamp = contentHash([entry, ...filesBelow(wit), ...filesBelow(builder)]);
  if (existsSync(out) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return out;

  mkdirSync(dirname(out), { recursive: true });
  await buildGuest({ entry, wit, out, engine });
  writeFileSync(stampFile, stamp);
  return out;
}

/** The tools of an engine may be missing, and then its results are; any other failure is one. */
function whatIsNotInstalled(error: unknown): string | undefined {
  if (!(error instanceof GuestBuildError)) return undefined;
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code === 'ERR_MODULE_NOT_FOUND' ? error.message : undefined;
}

export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export function contentHash(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(path));
  return hash.digest('hex');
}
