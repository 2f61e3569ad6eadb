// Owns the parent's side of a measuring process: its start, its cells, its end.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Batch, BatchSize } from '../cells/batch.js';
import type { CellShape, Unavailable } from '../cells/cell.js';
import type { Entry } from '../contestants/list.js';
import type { Measurable } from '../harness.js';
import { inPackage } from '../paths.js';
import type { Answer, Job, Request } from './job.js';
import { removeMemoryGroup } from './memory-group.js';

/** A process that has nothing to say for so long hangs. */
const SILENCE_MS_MAX = 180_000;

export class MeasuringProcess {
  readonly #child: ChildProcess;
  readonly #label: string;
  #shapes: readonly CellShape[] = [];
  unavailable: readonly Unavailable[] = [];

  private constructor(entry: Entry, part: string) {
    this.#label = `${entry.label} (${part})`;
    this.#child = spawn(entry.node!, [...entry.flags, inPackage('dist/measuring.js')], {
      stdio: ['ignore', process.stderr, 'inherit', 'ipc'],
      // What npm and the test runner set for Node is meant for this process, not for another Node.
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  }

  /** Rejects where the contestant does not load. */
  static async start(entry: Entry, job: Job): Promise<MeasuringProcess> {
    const started = new MeasuringProcess(entry, job.part);
    try {
      const answer = await started.#ask({ kind: 'start', job });
      if (answer.kind === 'started') {
        started.#shapes = answer.cells;
        started.unavailable = answer.unavailable;
      }
      return started;
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  cells(): Measurable[] {
    return this.#shapes.map((shape, cell) => ({ ...shape, take: (size) => this.take(cell, size) }));
  }

  async take(cell: number, size: BatchSize): Promise<Batch> {
    const answer = await this.#ask({ kind: 'take', cell, size });
    if (answer.kind !== 'taken') throw new Error(`${this.#label} answered "${answer.kind}" for a batch`);
    return answer.batch;
  }

  /** One question at a time. */
  #ask(request: Request): Promise<Answer> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        child.off('error', onError);
        outcome();
      };
      const onMessage = (answer: Answer) =>
        settle(() => (answer.kind === 'failed' ? reject(new Error(answer.error)) : resolve(answer)));
      const onExit = (code: number | null, signal: string | null) =>
        settle(() => reject(new Error(`${this.#label} ended with ${signal ?? code}`)));
      const onError = (error: Error) => settle(() => reject(error));
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        settle(() => reject(new Error(`${this.#label} was silent for ${SILENCE_MS_MAX / 1000} s`)));
      }, SILENCE_MS_MAX);
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.on('error', onError);
      if (child.exitCode !== null || child.signalCode !== null)
        return onExit(child.exitCode, child.signalCode);
      child.send(request);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    if (child.pid !== undefined) removeMemoryGroup(child.pid);
  }
}
