// Owns what guests' memory holds, as the host sees all of it: nothing of the process, and of no other sandbox.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';

const PROGRAM = join(import.meta.dirname, 'programs/memory.mjs');

describeWithKvm('memory of micro-VMs', () => {
  for (const reset of ['full', 'memory']) {
    test(`has no environment, no path, no address of the process, and no other's secret, reset: '${reset}'`, () => {
      const env = { PATH: '/usr/bin', HOME: '/somewhere/nobody-4d1f', HL_TOKEN: 'token-4d1f-4d1f' };
      const options = { env, encoding: 'utf8', timeout: 50_000 } as const;
      expect(execFileSync(process.execPath, [PROGRAM, reset], options).trimEnd().split('\n')).toEqual([
        'read true',
        'environment ',
        'arguments ',
        'pointers ',
        'planted true',
        'planted true',
        'beside 0 true',
        'put back 0',
        'closed 0',
        'recycled 0',
      ]);
    });
  }
});
