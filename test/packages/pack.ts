// Owns the tarballs that the tests in this folder install: packed once for all of them, exactly as they are published.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const root = resolve(import.meta.dirname, '..', '..');
const localPnpm = join(root, '.tools', 'node_modules', '.bin', 'pnpm');

/** The pinned pnpm, wherever the set-up found or put it. */
export const pnpm = existsSync(localPnpm) ? localPnpm : 'pnpm';

const FOLDERS = {
  '@hl/host': 'packages/host',
  '@hl/host-linux-x64-gnu': 'packages/host/npm/linux-x64-gnu',
  '@hl/bindgen': 'packages/bindgen',
  '@hl/guest-js': 'packages/guest-js',
  'create-hl-plugin': 'packages/create-hl-plugin',
} as const;

export type PackageName = keyof typeof FOLDERS;
export type Tarballs = Record<PackageName, string>;

declare module 'vitest' {
  interface ProvidedContext {
    tarballs: Tarballs;
  }
}

/** vitest calls this once, before the tests of the project. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'hl-tarballs-'));
  const tarballs = Object.fromEntries(
    Object.entries(FOLDERS).map(([name, source]) => [name, pack(join(root, source), folder)]),
  ) as Tarballs;
  project.provide('tarballs', tarballs);
  return () => rmSync(folder, { recursive: true, force: true });
}

function pack(source: string, destination: string): string {
  const answer = execFileSync(pnpm, ['pack', '--json', '--pack-destination', destination], {
    cwd: source,
    encoding: 'utf8',
  });
  return (JSON.parse(answer) as { filename: string }).filename;
}
