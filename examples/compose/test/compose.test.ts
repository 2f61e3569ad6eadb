// Owns the proof that the program does what it prints: it asserts each line before it writes it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Component, HostFunctionError, MiB, TrapError, WitError } from '@hl/host';
import { expect, test } from 'vitest';
import { describeWithKvm } from '../../../test/support/kvm.js';
import { inTypeScript } from '../src/components.js';
import { Family } from '../src/family.js';
import { createTree } from '../src/tree.js';

const COMPILE_MS = 300_000;

describeWithKvm('components that are composed', () => {
  test(
    'the program prints a line for each thing that it has seen',
    () => {
      const program = join(import.meta.dirname, '../dist/main.js');
      const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.trim().split('\n')).toEqual([
        'composed: parser and reporter are one component, in one sandbox',
        'composed: when the parser traps, the reporter is gone with it',
        'wired: three components in two languages, each in a sandbox of its own',
        'wired: the parser traps, the reporter says so',
        'wired: the parser loops for ever, the reporter says so after 200 ms',
        'wired: the reporter still knows that this is its fourth report',
        'resources: the writer wrote into a volume that lives in another sandbox, and let go of it',
        'resources: when the writer traps, what it held is let go',
        'children: 7 sandboxes have counted 13 words',
        'children: three generations, and no fourth',
        'children: sixteen sandboxes, and no seventeenth',
        'children: two of 128 MiB at a time, and no third',
        'children: who asks for a terabyte gets what the parent has, and traps when that is full',
        'children: a child that never ends is stopped before its parent has to be',
      ]);
    },
    COMPILE_MS,
  );

  test('without anything between them, a trap of one ends the call of the other, and only that', async () => {
    const tree = await createTree((table) => table);
    try {
      const { report } = tree.reporter.exports;
      const error = await report.render('tea,').catch((error: unknown) => error);
      expect(error).toBeInstanceOf(HostFunctionError);
      expect((error as Error).cause).toBeInstanceOf(TrapError);
      expect(await report.render('tea,1')).toBe('report 1: 1 rows, 1.00 in all');
    } finally {
      await tree.close();
    }
  });

  test('an error of the parser’s world crosses both sandboxes as it is', async () => {
    const tree = await createTree();
    try {
      const error = await tree.reporter.exports.report
        .render('"a,b",1\nnothing')
        .catch((error: unknown) => error);
      expect(error).toBeInstanceOf(WitError);
      expect((error as WitError<string>).payload).toBe('report 1: line 2 is no row: nothing');
    } finally {
      await tree.close();
    }
  });

  test(
    'no member of a family has more than its parent, and all that is used comes back',
    async () => {
      const component = await Component.load(inTypeScript('worker'));
      const family = new Family(component, { memoryBytes: MiB(64), sandboxes: 9, generations: 4 });
      const first = { memoryBytes: MiB(32), timeoutMs: 60_000 };
      expect(await family.run('ask:forever', { ...first, timeoutMs: 500 })).toBe('no answer: ERR_HL_TIMEOUT');
      expect(await family.run('descend', first)).toBe('1 no-memory');
      expect(await family.run('breed', first)).toBe('4 too-many');
      for (const [index, { generation, memoryBytes, timeoutMs }] of family.made.entries()) {
        const parent = family.made.slice(0, index).findLast((other) => other.generation === generation - 1);
        if (generation > 0) expect(timeoutMs).toBeLessThan(parent?.timeoutMs as number);
        expect(memoryBytes).toBeLessThanOrEqual(MiB(32));
      }
    },
    COMPILE_MS,
  );
});
