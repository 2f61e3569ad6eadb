// Owns the proof that the program does what it prints: it asserts each line before it writes it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../test/support/kvm.js';

describeWithKvm('the server in front of a pool', () => {
  test('answers every client, stops what does not end, and ends by itself', () => {
    const program = join(import.meta.dirname, '../dist/main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual([
      '200 clients at once, each with the answer to its own question',
      'a question that makes the plug-in throw: 422',
      'a question without end: 504 after 300 ms',
      'a client that hung up: its VM is free again',
      '4 VMs served 200 calls, and are as they were',
    ]);
  });
});
