// Owns the process in which the engines' tools run: what runs the guest's top level can be ended from outside.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bundle } from './bundle.js';
import type { EngineName } from './engines.js';
import { type BuildStage, GuestBuildError } from './errors.js';
import type { World } from './world.js';

/** What the process is asked. */
export interface Request {
  engine: EngineName;
  world: World;
  bundle: Pick<Bundle, 'code' | 'positions'>;
  /** Empty, and removed afterwards. */
  folder: string;
}

/** What it answers; a failure without stage is a mistake of ours. */
export type Answer = { component: Uint8Array } | { stage?: BuildStage; message: string; stack: string };

const PROGRAM = fileURLToPath(new URL('./componentizer-process.js', import.meta.url));

/** One process at most, begun when it is first needed, and kept for the next build: a warm one is quicker. */
export class Componentizer {
  #process: ChildProcess | undefined;

  /** Begins the process ahead of its first use. */
  start(): ChildProcess {
    if (this.#process === undefined) {
      const started = fork(PROGRAM, { serialization: 'advanced', execArgv: [] });
      started.once('exit', () => {
        if (this.#process === started) this.#process = undefined;
      });
      this.#process = started;
    }
    return this.#process;
  }

  close(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }

  /**
   * # Throws
   * `GuestBuildError` for what is wrong with the guest, and when it takes longer than `timeoutMs`.
   */
  async componentize(request: Omit<Request, 'folder'>, timeoutMs: number): Promise<Uint8Array> {
    const folder = await mkdtemp(join(tmpdir(), 'hl-guest-'));
    try {
      const answer = await this.#ask({ ...request, folder }, timeoutMs);
      if ('component' in answer) return answer.component;
      const { stage, message, stack } = answer;
      throw Object.assign(stage ? new GuestBuildError(stage, message) : new Error(message), { stack });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #ask(request: Request, timeoutMs: number): Promise<Answer> {
    const child = this.start();
    const over = new AbortController();
    const { signal } = over;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(outOfTime(timeoutMs)), timeoutMs);
    });
    const answered = once(child, 'message', { signal }).then(([answer]) => answer as Answer);
    const ended = once(child, 'exit', { signal }).then(([code, killedBy]): never => {
      throw new GuestBuildError('componentize', `the engine's tools ended with ${killedBy ?? code}`);
    });
    // The two that lose are rejected when the listeners are taken off.
    for (const each of [answered, ended]) each.catch(() => {});
    try {
      child.send(request);
      return await Promise.race([answered, ended, tooLong]);
    } catch (error) {
      // Whatever it is busy with, nobody waits for it any more.
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }
}

function outOfTime(timeoutMs: number): GuestBuildError {
  return new GuestBuildError(
    'evaluate',
    `the component was not made within ${timeoutMs / 1000} s; the guest's top level runs once, at the build: ` +
      'look there for a loop that does not end, or allow more time with --timeout',
  );
}
