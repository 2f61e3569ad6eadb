// Owns turning a component's bytes into JavaScript and core modules, once for each content, in a worker.
import { Worker } from 'node:worker_threads';
import type { Artifact } from '../component/artifact.js';
import type { SourceBytes } from '../component/source.js';
import { ComponentError, HypervisorUnavailableError } from '../errors/classes.js';
import type { AbortSignalLike } from '../structural.js';
import type { TranspileAnswer, Transpiled, TranspileJob } from './messages.js';
import { isServed } from './worker/wasi-names.js';

/** Where the worker's program lies: beside this one, both built. */
export const WORKER = new URL('./in-process-worker.js', import.meta.url);

/** jco's own version, which the package names as its peer. */
export const JCO = '@bytecodealliance/jco-transpile@0.14.0';

/** Nothing is transpiled for longer. */
const TRANSPILE_MS_MAX = 240_000;

const PREFIX = 'in-process:';

/** By the component's hash. Held for as long as the process lives: it is for development. */
const transpiled = new Map<string, Transpiled>();
const running = new Map<string, Promise<Transpiled>>();

export interface LoadOptions {
  readonly signal: AbortSignalLike | undefined;
  readonly onCompile: () => void;
}

/** The component as the rest of the package knows it; there is no compiled code, so its path is only a key. */
export async function loadTranspiled(
  { bytes, hash }: SourceBytes,
  { onCompile }: LoadOptions,
): Promise<Artifact> {
  let known = transpiled.get(hash);
  if (known === undefined) {
    onCompile();
    const job = running.get(hash) ?? transpile(bytes).finally(() => running.delete(hash));
    running.set(hash, job);
    known = await job;
    transpiled.set(hash, known);
  }
  return artifactOf(hash, known);
}

/** What `BindingCreate.code` of such an artifact stands for. */
export function transpiledAt(path: string): Transpiled | undefined {
  return transpiled.get(path.slice(PREFIX.length));
}

function artifactOf(hash: string, { descriptor, wit }: Transpiled): Artifact {
  const wasi = descriptor.imports.flatMap(({ name, functions }) =>
    name === null
      ? []
      : functions.filter((one) => isServed(name, one.name)).map((one) => `${name}#${one.name}`),
  );
  return {
    path: PREFIX + hash,
    hash,
    config: 'in-process',
    codeOffset: 0,
    codeBytes: 0,
    textOffset: 0,
    textBytes: 0,
    codeChecksum: '',
    descriptor,
    wit,
    wasi: new Set(wasi),
  };
}

async function transpile(bytes: Uint8Array): Promise<Transpiled> {
  const answer = await ask({ role: 'transpile', bytes });
  if (answer.ok) return answer.transpiled;
  switch (answer.problem) {
    case 'invalid':
      throw new ComponentError('ERR_HL_COMPONENT_INVALID', answer.message);
    case 'unsupported':
      throw new ComponentError('ERR_HL_COMPONENT_UNSUPPORTED', answer.message);
    case 'tools-missing':
      throw new HypervisorUnavailableError(
        'jco-missing',
        `components run in this process by jco, which is not installed: ${answer.message}`,
        `run: npm install --save-dev ${JCO}`,
      );
    default:
      return answer.problem satisfies never;
  }
}

/** In a worker of its own: jco that panics over one component must not spoil the next, and takes seconds. */
function ask(job: TranspileJob): Promise<TranspileAnswer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: job, env: {}, execArgv: [] });
    const timer = setTimeout(() => void worker.terminate(), TRANSPILE_MS_MAX);
    const failed = (why: string): void =>
      reject(new ComponentError('ERR_HL_COMPONENT_UNSUPPORTED', `jco failed on the component: ${why}`));
    worker.once('message', (answer: TranspileAnswer) => {
      resolve(answer);
      void worker.terminate();
    });
    worker.once('error', (error) => failed(error.message));
    worker.once('exit', () => {
      clearTimeout(timer);
      failed(`it gave no answer within ${TRANSPILE_MS_MAX / 1000} seconds`);
    });
  });
}
