// Owns how worker_threads takes part: the guest's script in a thread of our process. It is no wall.
import { Worker } from 'node:worker_threads';
import type { Guest } from '../guests.js';
import { inPackage } from '../paths.js';
import { add, type Contestant, type Instance } from './contestant.js';
import { InstanceSubject } from './instances.js';
import { Calls, stopSpin } from './messages.js';

export const workerThreads: Contestant = {
  prefix: 'worker/',
  cannot: {},
  start: (guest) => InstanceSubject.start(guest, create),
  create,
  createCold: create,
};

type Message = { readonly add: readonly [number, number] } | { readonly answer: unknown };

async function create({ path }: Guest): Promise<Instance> {
  const answers = new SharedArrayBuffer(8);
  const worker = new Worker(inPackage('contestants/worker.cjs'), {
    workerData: { path, answers },
    execArgv: [],
  });
  const calls = new Calls({ send: (message) => worker.postMessage(message) });
  const shared = new Int32Array(answers);
  worker.on('message', (message: Message) => {
    if ('answer' in message) return calls.answered(message.answer);
    Atomics.store(shared, 1, add(...message.add));
    Atomics.add(shared, 0, 1);
    Atomics.notify(shared, 0);
  });
  worker.on('error', (error) => calls.ended(`the worker failed: ${error.message}`));
  worker.on('exit', () => calls.ended('the worker has ended'));
  return {
    exports: calls.exports,
    stopSpin: (limitMs) => stopSpin(calls, limitMs, () => void worker.terminate()),
    close: async () => void (await worker.terminate()),
  };
}
