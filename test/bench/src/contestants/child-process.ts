// Owns how child_process.fork takes part: the guest's script in a process with all of our rights.

import type { Serializable } from 'node:child_process';
import { fork } from 'node:child_process';
import type { Guest } from '../guests.js';
import { inPackage } from '../paths.js';
import type { Contestant, Instance } from './contestant.js';
import { InstanceSubject } from './instances.js';
import { Calls, stopSpin } from './messages.js';

export const childProcess: Contestant = {
  prefix: 'fork/',
  cannot: { hostCalls: 'a process has no synchronous call to its parent' },
  start: (guest) => InstanceSubject.start(guest, create),
  create,
  createCold: create,
};

async function create({ path }: Guest): Promise<Instance> {
  const child = fork(inPackage('contestants/child.cjs'), [path], { serialization: 'advanced', execArgv: [] });
  const calls = new Calls({ send: (message) => void child.send(message as Serializable) });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message) => calls.answered((message as { answer: unknown }).answer));
  child.on('error', (error) => calls.ended(`the process failed: ${error.message}`));
  child.on('exit', () => calls.ended('the process has ended'));
  return {
    exports: calls.exports,
    pid: child.pid,
    stopSpin: (limitMs) => stopSpin(calls, limitMs, () => child.kill('SIGKILL')),
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
