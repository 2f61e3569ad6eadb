// Owns how processes end that have sandboxes: by each Node that we promise, at each point, never by a crash or a hang.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const require = createRequire(import.meta.url);

/** A program that takes longer hangs. */
const PATIENCE_MS = 120_000;

const VERSIONS = ['20', '22', '24'] as const;

const WHERE = [
  'guest',
  'place',
  'hostFunction',
  'output',
  'reset',
  'create',
  'warmup',
  'snapshot',
  'close',
  'load',
] as const;

/** How a process is ended, and what it ends with then. */
const HOW = {
  exit: { code: 3, signal: null },
  throw: { code: 1, signal: null },
  reject: { code: 1, signal: null },
  sigterm: { code: null, signal: 'SIGTERM' },
  handled: { code: 4, signal: null },
} as const;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function nodeOf(version: string): string {
  return join(dirname(require.resolve(`node-${version}/package.json`)), 'bin/node');
}

function run(node: string, program: string, ...args: string[]): Promise<Ended> {
  const path = join(import.meta.dirname, 'programs', `${program}.mjs`);
  const cwd = mkdtempSync(join(tmpdir(), 'hl-processes-'));
  return new Promise((resolve) => {
    const options = { cwd, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const;
    const child = execFile(node, [path, ...args], options, (_error, stdout, stderr) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

for (const version of VERSIONS) {
  describeWithKvm(`Node ${version}`, () => {
    const node = nodeOf(version);
    const all = { timeout: 3 * PATIENCE_MS };

    test('is the version that it is said to be', () => {
      expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${version}\\.`));
    });

    test('answers calls, and ends by itself', all, async () => {
      expect(await run(node, 'answers')).toEqual({
        code: 0,
        signal: null,
        stdout: 'Hello, you! 3 A\nERR_HL_TIMEOUT 1 1\n2 2 2\n1 function\n',
        stderr: '',
      });
    });

    test('ends workers in the middle of whatever they do', all, async () => {
      expect(await run(node, 'workers')).toEqual({ code: 0, signal: null, stdout: '4\n', stderr: '' });
    });

    test('forks children, and loses them', all, async () => {
      expect(await run(node, 'child')).toEqual({
        code: 0,
        signal: null,
        stdout: 'Hello, child!,Hello, child!,Hello, child!\n0,0,SIGKILL\nERR_HL_CONTEXT_OPEN 2\n1\n',
        stderr: '',
      });
    });

    for (const where of WHERE) {
      test(`is ended at this point: ${where}`, all, async () => {
        for (const how of Object.keys(HOW) as (keyof typeof HOW)[]) {
          const { code, signal, stderr } = await run(node, 'exit', where, how);
          expect({ how, code, signal }, stderr).toEqual({ how, ...HOW[how] });
        }
      });
    }
  });
}
