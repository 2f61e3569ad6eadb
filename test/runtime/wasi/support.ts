// Owns what tests of WASI share: programs in a sandbox of either runtime, and folders to grant them.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '@hl/host';
import { expect, onTestFinished } from 'vitest';
import type { Api } from '../support/runtimes.js';

export type ProgramName = 'program' | 'early' | 'handler';

export const pathOf = (name: ProgramName): string =>
  fileURLToPath(new URL(`../../components/dist/${name}.wasm`, import.meta.url));

/** A sandbox that is closed after the test. */
export async function sandboxOf({ Sandbox }: Api, name: ProgramName, options: object = {}): Promise<Sandbox> {
  const sandbox = await Sandbox.create({ component: pathOf(name), ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export interface Ran {
  readonly out: string;
  readonly errors: string;
  readonly failure: unknown;
}

export type Wasi = NonNullable<Parameters<Api['Sandbox']['create']>[0]['wasi']>;

/** Running the program of many words, under one runtime. */
export function programOf(api: Api) {
  const running = { out: '', errors: '' };
  const sandboxWith = (wasi: Wasi, options: object = {}): Promise<Sandbox> =>
    sandboxOf(api, 'program', {
      wasi,
      stdout: (text: string) => {
        running.out += text;
      },
      stderr: (text: string) => {
        running.errors += text;
      },
      ...options,
    });

  async function runIn(sandbox: Pick<Sandbox, 'exports'>): Promise<Ran> {
    Object.assign(running, { out: '', errors: '' });
    const failure = await sandbox.exports['wasi:cli/run'].run().catch((error: unknown) => error);
    return { ...running, failure };
  }

  async function run(words: readonly string[], wasi: Wasi = {}, options: object = {}): Promise<Ran> {
    const sandbox = await sandboxWith({ args: ['program', ...words], ...wasi }, options);
    try {
      return await runIn(sandbox);
    } finally {
      await sandbox.close();
    }
  }

  /** What it printed; it must end well. */
  async function output(words: readonly string[], wasi?: Wasi): Promise<string> {
    const { out, errors, failure } = await run(words, wasi);
    expect([errors, failure]).toEqual(['', undefined]);
    return out;
  }

  return { sandboxWith, runIn, run, output };
}

/** An empty folder, gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hl-wasi-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** How many descriptors of this process are of that folder or of something below it. */
export const openBelow = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      // The listing's own, which is closed by now.
      return false;
    }
  }).length;
