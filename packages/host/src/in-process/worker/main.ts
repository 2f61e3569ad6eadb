// Owns the worker's program: it transpiles one component, or runs the guest of one sandbox.
import { parentPort, workerData } from 'node:worker_threads';
import type { FromWorker, RunJob, ToWorker, TranspileJob } from '../messages.js';
import { startGuest } from './guest.js';
import { transpile } from './transpile.js';

const port = parentPort!;
const job = workerData as TranspileJob | RunJob;

if (job.role === 'transpile') {
  void transpile(job.bytes).then((answer) => port.postMessage(answer));
} else {
  const post = (message: FromWorker): void => port.postMessage(message);
  const guest = startGuest(job, post);
  port.on('message', (message: ToWorker) => guest?.hear(message));
}
